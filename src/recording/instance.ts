import type { Context } from "@opentelemetry/api";
import { ATTR_DB_NAMESPACE, ATTR_DB_SYSTEM_NAME, type StorageTransactionMode } from "../../semconv/index.ts";
import { errorType as nameOfError } from "../runtime/error-type.ts";
import { governorOf, type Governor } from "./overhead-governor.ts";
import { hotMetrics } from "../metrics/registry.ts";
import type { OperationInfo } from "./operation-info.ts";
import type { OpenSpan } from "../spans/writer.ts";
import type { Rollup } from "./rollup.ts";
import type { Totals } from "./rollup-totals.ts";

/** What keeps a view of the data open. */
export interface OpenInterval {
  readonly start: bigint;
  /** Whether the code that uses it next is to be found. */
  readonly needsCallSite: boolean;
  /** The application uses it at this moment. */
  used(): void;
}

/** The open transaction of a database, as the operations inside it see it. */
export interface Enclosing {
  /** Statements executed so far. */
  statements: number;
  /** `error.type` of the last statement if it failed. */
  failure: string | undefined;
  readonly mode: StorageTransactionMode;
  /** The rollup of the span the transaction is inside of; null where none records. */
  readonly outer: Rollup | null;
  /** Where the operations of the transaction are summed up, if one records. */
  readonly totals: Totals;
  /** The transaction as what keeps its snapshot. */
  readonly held: OpenInterval;
  /** Has something done that is not to take time of the transaction: once it has ended. */
  later(task: () => void): void;
  /** The context for spans inside the transaction. */
  context(): Context;
}

/** A call that can move the boundary of a transaction. */
export interface BoundaryCall {
  readonly info: OperationInfo;
  readonly start: bigint;
  readonly nanoseconds: number;
  /** `error.type` of a call that failed. */
  readonly failure: string | undefined;
  /** The span of the call, if it has one of its own by then. */
  span: OpenSpan | undefined;
}

/** Follows the transactions of one database. An engine without transactions has none. */
export interface TransactionBoundary {
  /** Before a call is summed up: what begins a transaction is counted inside it. */
  opening(call: BoundaryCall): void;
  /** After a call was summed up: what ends a transaction is counted inside it. */
  closing(call: BoundaryCall): void;
}

/** The write-ahead log of a database. */
export interface Log {
  /** Bytes of it that should have been checkpointed by now and are not; undefined if there are none. */
  pinned(): number | undefined;
}

/** One open database as telemetry sees it. */
export class Database {
  /** The attributes every signal of the database carries. */
  readonly attributes: { readonly [ATTR_DB_SYSTEM_NAME]: string; readonly [ATTR_DB_NAMESPACE]: string };
  /** The open explicit transaction. */
  enclosing: Enclosing | null = null;
  boundary: TransactionBoundary | undefined;
  log: Log | undefined;
  /** Whether it is read or written; one that is not, but locked, is a lock of the application's. */
  holdsData = false;
  /** Decides how many of its operations are timed. */
  readonly governor: Governor;
  /** `error.type` of what the engine throws. */
  readonly errorType: (error: unknown) => string;

  constructor(system: string, namespace: string, errorType: (error: unknown) => string = nameOfError) {
    this.errorType = errorType;
    this.attributes = { [ATTR_DB_SYSTEM_NAME]: system, [ATTR_DB_NAMESPACE]: namespace };
    hotMetrics.lifetimes?.opened(this.attributes);
    this.governor = governorOf(this.attributes);
  }

  /** The application has closed it: its gauges are over, and what it counted is shown a while longer. */
  closed(): void {
    hotMetrics.lifetimes?.closed(this.attributes);
  }
}
