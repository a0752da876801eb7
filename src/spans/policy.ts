import type { SpanMode } from "../config/span-mode.ts";

/**
 * Policy for the storage operations that become spans of their own. Every other operation is only counted on its
 * parent.
 */
export interface SpanPolicy {
  /** Nanoseconds from which an operation becomes a span; Infinity for none. */
  threshold: number;
  /** If true, failed operations become spans, whatever their duration. */
  failures: boolean;
  /** If true, explicit transactions become spans. */
  transactions: boolean;
  /** If true, searches, checkpoints, snapshots and compactions become spans. */
  layers: boolean;
  /** Maximum storage spans inside of one span. Beyond it, only slow and failed operations become spans. */
  budget: number;
  /** If true, histograms keep the trace of a sampled operation. */
  exemplars: boolean;
}

/** Policy in force. */
export const spanPolicy: SpanPolicy = {
  threshold: 1e6,
  failures: true,
  transactions: true,
  layers: true,
  budget: 20,
  exemplars: true,
};

/** Puts the settings in force. A budget of 0 has no limit. */
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
