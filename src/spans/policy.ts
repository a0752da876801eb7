import type { SpanMode } from "../config/span-mode.ts";

/** Which storage operations become spans of their own; every other one is counted on its parent only. */
export interface SpanPolicy {
  /** An operation that took at least this many nanoseconds becomes a span; Infinity for none. */
  threshold: number;
  /** Whether failed operations become spans whatever they took. */
  failures: boolean;
  /** Whether explicit transactions become spans. */
  transactions: boolean;
  /** Whether searches, checkpoints, snapshots and compactions become spans. */
  layers: boolean;
  /** Storage spans a span may have inside of it before only slow and failed ones are made. */
  budget: number;
  /** Whether histograms keep the trace of a sampled operation. */
  exemplars: boolean;
}

/** The policy in force. */
export const spanPolicy: SpanPolicy = {
  threshold: 1e6,
  failures: true,
  transactions: true,
  layers: true,
  budget: 20,
  exemplars: true,
};

/** Puts the settings in force; a budget of 0 is none. */
export function setSpanPolicy(settings: {
  readonly spans: SpanMode;
  readonly slowSpanMilliseconds: number;
  readonly spanBudget: number;
  readonly exemplarFilter: string;
}): void {
  const { spans: mode, slowSpanMilliseconds, spanBudget, exemplarFilter } = settings;
  spanPolicy.threshold = { slow: slowSpanMilliseconds * 1e6, all: 0, off: Infinity }[mode];
  spanPolicy.failures = mode !== "off";
  spanPolicy.transactions = mode !== "off";
  spanPolicy.layers = mode !== "off";
  spanPolicy.budget = spanBudget || Infinity;
  spanPolicy.exemplars = exemplarFilter !== "always_off";
}
