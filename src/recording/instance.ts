import {
  ATTR_DB_NAMESPACE,
  ATTR_DB_SYSTEM_NAME,
  ATTR_STORAGE_CACHE_NAME,
  type StoragePrimitive,
} from "../../semconv/index.ts";
import { errorType as nameOfError } from "../runtime/error-type.ts";
import { governorOf, type Governor } from "./overhead-governor.ts";
import { metricRegistry } from "../metrics/registry.ts";
import type { OperationInfo } from "./operation-info.ts";
import type { OpenSpan } from "../spans/writer.ts";
import type { Scope } from "./scope.ts";

/** Call that can move the boundary of a transaction. */
export interface BoundaryCall {
  readonly info: OperationInfo;
  readonly start: bigint;
  readonly nanoseconds: number;
  /** `error.type` of a call that failed. */
  readonly failure: string | undefined;
  /** Span of the call, if it has one of its own by then. */
  span: OpenSpan | undefined;
}

/** Tracker of the transactions of one database; absent for an engine without transactions. */
export interface TransactionBoundary {
  /** Called before a call is summed up: a call that begins a transaction is counted inside it. */
  opening(call: BoundaryCall): void;
  /** Called after a call was summed up: a call that ends a transaction is counted inside it. */
  closing(call: BoundaryCall): void;
}

/** Write-ahead log of a database. */
export interface Log {
  /** Returns the bytes that should have been checkpointed by now and are not; undefined if there are none. */
  pinned(): number | undefined;
}

/** Returns the `error.type` by the function of an engine's author; by default, if that fails or finds none. */
function typeBy(errorType: (error: unknown) => unknown, error: unknown): string {
  try {
    const type = errorType(error);
    if (typeof type === "string") return type;
  } catch {
    // Falls back to the default.
  }
  return nameOfError(error);
}

/** Attributes that identify a database. */
export type DatabaseIdentity = { readonly [ATTR_DB_SYSTEM_NAME]: string; readonly [ATTR_DB_NAMESPACE]: string };

export const databaseIdentity = (system: string, namespace: string): DatabaseIdentity => ({
  [ATTR_DB_SYSTEM_NAME]: system,
  [ATTR_DB_NAMESPACE]: namespace,
});

/** Attributes that identify a cache. */
export type CacheIdentity = { readonly [ATTR_DB_SYSTEM_NAME]: string; readonly [ATTR_STORAGE_CACHE_NAME]: string };

/** Attributes of every signal of an instance. */
export type Identity = DatabaseIdentity | CacheIdentity;

/** Returns the name of an instance within its system. */
export const nameOf = (identity: Identity): string =>
  ATTR_DB_NAMESPACE in identity ? identity[ATTR_DB_NAMESPACE] : identity[ATTR_STORAGE_CACHE_NAME];

/** One open database, topic, queue, pool or cache, as its telemetry sees it. */
export class Instance<I extends Identity = DatabaseIdentity> {
  readonly attributes: I;
  /** Open explicit transaction. */
  scope: Scope | null = null;
  boundary: TransactionBoundary | undefined;
  log: Log | undefined;
  /** True if the database is read or written. One that is only locked is a lock of the application. */
  holdsData = false;
  /** Governor that decides how many of the operations of a database are timed. */
  readonly governor: I extends DatabaseIdentity ? Governor : Governor | undefined;
  /** Returns the `error.type` of an error of the engine. */
  readonly errorType: (error: unknown) => string;
  /** Kind of data that its operations work with, except for those that say otherwise. */
  readonly primitive: StoragePrimitive | undefined;
  /**
   * Activities and runs that have begun in it and not ended; weakly, as the engine may have lost them with all that they keep
   * alive.
   */
  readonly open = new Set<WeakRef<{ abandon(): void }>>();
  readonly #tasks: (() => void)[] = [];
  #isClosed = false;

  /** @param errorType returns the `error.type` of an error; by default its code or class */
  constructor(identity: I, errorType: (error: unknown) => string = nameOfError, primitive?: StoragePrimitive) {
    this.errorType = (error) => typeBy(errorType, error);
    this.primitive = primitive;
    this.attributes = identity;
    metricRegistry.lifetimes?.opened(identity);
    this.governor = (ATTR_DB_NAMESPACE in identity ? governorOf(identity) : undefined) as this["governor"];
  }

  /** Sets a task for the end of the instance. It runs at once if that was before. */
  whenClosed(task: () => void): void {
    if (this.#isClosed) task();
    else this.#tasks.push(task);
  }

  /** Notes that the application has closed it. Its gauges end; its counts are exported for some time. */
  closed(): void {
    this.#isClosed = true;
    for (const task of this.#tasks.splice(0)) task();
    metricRegistry.lifetimes?.closed(this.attributes);
  }
}
