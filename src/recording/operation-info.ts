import type { Context } from "@opentelemetry/api";
import type { Boundary, OperationKind } from "./operation-kind.ts";
import type { Rollup } from "./rollup.ts";

/** What is known of an operation before it runs; the same for each run of a prepared statement. */
export interface OperationInfo {
  readonly kind: OperationKind;
  readonly boundary: Boundary;
  /** Statements a run adds to the transaction it is part of: none if it begins, ends or marks it. */
  readonly statements: number;
  /** `db.operation.name` */
  readonly name: string;
  /** `db.collection.name` */
  readonly collection?: string | undefined;
  /** `db.query.summary` */
  readonly summary: string;
  /** Makes `db.query.text`, without literals. */
  readonly text?: () => string;
  /** How the engine would run it, a line for each step; asked after a slow run and outside of a transaction. Undefined where it does not tell. */
  readonly plan?: (() => readonly string[] | undefined) | undefined;
  /** `db.operation.batch.size` of a script of several statements. */
  readonly batchSize?: number | undefined;
  /** Called before each run. */
  readonly before?: (() => void) | undefined;
  /** The layer the operation belongs to, beside being one. */
  readonly layer?: OperationLayer | undefined;
}

/** What a layer makes of the runs of an operation of its own: a search, a checkpoint, a compaction. */
export interface OperationLayer {
  /** Called before each run, outside of what is timed. */
  starting?(): void;
  /** Called after each run was summed up. The span of a run is the layer's to make, in place of the operation's. */
  ran(run: LayerRun): void;
}

/** One run of an operation. */
export interface FinishedRun {
  readonly start: bigint;
  readonly nanoseconds: number;
  readonly rows: number;
  /** `error.type` of a run that failed. */
  readonly failure: string | undefined;
  /** Records the engine read one after the other, where it tells. */
  readonly scanned?: number | undefined;
}

/** One run of an operation that belongs to a layer. */
export interface LayerRun extends FinishedRun {
  /** What the engine returned. */
  readonly result: unknown;
  /** Where the run was summed up; null where no span records. */
  readonly rollup: Rollup | null;
  /** What it happened in, where that is not what surrounds it now that it is over. */
  readonly parent?: Context | undefined;
}
