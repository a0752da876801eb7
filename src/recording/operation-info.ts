import type { Context } from "@opentelemetry/api";
import type { StoragePrimitive } from "../../semconv/index.ts";
import type { Boundary, OperationKind } from "./operation-kind.ts";
import type { Rollup } from "./rollup.ts";

/** Data of an operation that is known before it runs; the same for each run of a prepared statement. */
export interface OperationInfo {
  readonly kind: OperationKind;
  readonly boundary: Boundary;
  /** Number of statements that a run adds to its transaction: none if it begins, ends or marks the transaction. */
  readonly statements: number;
  /** `db.operation.name` */
  readonly name: string;
  /** `db.collection.name` */
  readonly collection?: string | undefined;
  /** `db.query.summary` */
  readonly summary: string;
  /** Returns `db.query.text`, without literals. */
  readonly text?: () => string;
  /**
   * Returns the query plan of the engine, one line for each step; undefined if the engine does not provide one. Called
   * after a slow run and outside of a transaction.
   */
  readonly plan?: (() => readonly string[] | undefined) | undefined;
  /** `db.operation.batch.size` of a script of several statements. */
  readonly batchSize?: number | undefined;
  /** Called before each run. */
  readonly before?: (() => void) | undefined;
  /** Called before each run outside of an explicit transaction. */
  readonly beforeAutocommit?: (() => void) | undefined;
  /** Hook of an operation that is also an activity, such as a search. */
  readonly hook?: OperationHook | undefined;
}

/** Handler of the runs of an operation that is also an activity: a search, a checkpoint, a compaction. */
export interface OperationHook {
  /** Kind of data that the operation works with, if it is not that of its database. */
  readonly primitive?: StoragePrimitive | undefined;
  /** Called before each run, outside of the timed interval. */
  starting?(): void;
  /** Called after each run was summed up. The hook creates the span of a run, in place of the operation. */
  ran(run: HookedRun): void;
}

/** One run of an operation. */
export interface FinishedRun {
  readonly start: bigint;
  readonly nanoseconds: number;
  readonly rows: number;
  /** `error.type` of a run that failed. */
  readonly failure: string | undefined;
  /** Number of records that the engine scanned sequentially, if it reports them. */
  readonly scanned?: number | undefined;
  /** Context of the run, if it differs from the current one after the run. */
  readonly parent?: Context | undefined;
}

/** One run of an operation that has a hook. */
export interface HookedRun extends FinishedRun {
  /** Return value of the engine. */
  readonly result: unknown;
  /** Rollup that the run was added to; null if no span records. */
  readonly rollup: Rollup | null;
}
