import type { Context } from "@opentelemetry/api";
import type { FinishedRun } from "./record-span.ts";
import type { Rollup } from "./rollup.ts";

/** What an operation is for; the first two have rows. */
export const OperationKind = { READ: 0, WRITE: 1, TRANSACTION: 2, PREPARE: 3, OTHER: 4 } as const;
export type OperationKind = (typeof OperationKind)[keyof typeof OperationKind];

/** Whether an operation can move the boundary of a transaction. */
export const Boundary = {
  /** Never. */
  NONE: 0,
  /** Outside of an explicit transaction it is a transaction of its own. */
  WRITE: 1,
  /** It may begin or end a transaction. */
  CONTROL: 2,
} as const;
export type Boundary = (typeof Boundary)[keyof typeof Boundary];

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

/** One run of an operation that belongs to a layer. */
export interface LayerRun extends FinishedRun {
  /** What the engine returned. */
  readonly result: unknown;
  /** Where the run was summed up; null where no span records. */
  readonly rollup: Rollup | null;
  /** What it happened in, where that is not what surrounds it now that it is over. */
  readonly parent?: Context | undefined;
}
