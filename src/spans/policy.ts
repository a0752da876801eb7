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
  /** Whether histograms keep the trace of a sampled operation. */
  exemplars: boolean;
}

/** The policy in force. */
export const spanPolicy: SpanPolicy = {
  threshold: 1e6,
  failures: true,
  transactions: true,
  layers: true,
  exemplars: true,
};

export function setSpanPolicy(mode: SpanMode, slowMilliseconds: number, exemplars: boolean): void {
  spanPolicy.threshold = { slow: slowMilliseconds * 1e6, all: 0, off: Infinity }[mode];
  spanPolicy.failures = mode !== "off";
  spanPolicy.transactions = mode !== "off";
  spanPolicy.layers = mode !== "off";
  spanPolicy.exemplars = exemplars;
}
