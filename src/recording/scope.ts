import type { Context } from "@opentelemetry/api";
import type { Rollup } from "./rollup.ts";
import type { Totals } from "./rollup-totals.ts";

/** Interval in which a snapshot of the data stays open. */
export interface OpenInterval {
  readonly start: bigint;
  /** True if the call site of its next use is to be captured. */
  readonly needsCallSite: boolean;
  /** Notes that the application uses it now. */
  used(): void;
}

/** Open transaction of an instance, or another activity, as seen by the operations inside it. */
export interface Scope {
  /** True until it ends; runs that began in it can end later. */
  readonly isOpen: boolean;
  /** Number of statements executed so far. */
  statements: number;
  /** `error.type` of the last statement if it failed. */
  failure: string | undefined;
  /** Rollup of the span around it; null if no span records. */
  readonly outer: Rollup | null;
  /** Sums of the operations in it, if a span records. */
  readonly totals: Totals;
  /** Interval in which it keeps a snapshot open. */
  readonly interval: OpenInterval;
  /** Time since which it holds a snapshot open; undefined while it does not. */
  readonly snapshotSince: bigint | undefined;
  /** Runs a task after it has ended, so that the task does not add to its duration. */
  later(task: () => void): void;
  /** Returns the context for spans inside it. */
  context(): Context;
}
