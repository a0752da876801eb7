import type { InstrumentationScope } from "@opentelemetry/core";

/** Kind of instrument: how recorded values become exported ones. */
export type InstrumentKind =
  | "counter"
  | "updowncounter"
  | "gauge"
  | "histogram"
  /** Up-down counter of which one thread can subtract what another thread added. */
  | "balance"
  /** Gauge of which the latest value counts, whichever thread set it. */
  | "reading"
  /** Histogram of arbitrary values, with explicit buckets only. */
  | "distribution";

/** Definition of an instrument: ours come from the registry, the application's from the calls that created them. */
export interface Definition {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly valueType: "int" | "double";
  readonly instrument: InstrumentKind;
  /** True if the value describes the last occurrence, which stays valid after its database is closed. */
  readonly outlivesDatabase?: boolean;
  /** Bucket bounds of a histogram, in its unit. */
  readonly boundaries?: readonly number[];
  /** Attributes that identify a series; all attributes if omitted. */
  readonly attributes?: readonly string[];
  /** Instrumentation scope of an instrument that is not ours. */
  readonly scope?: InstrumentationScope;
}
