import type { HrTime } from "@opentelemetry/api";

/** A series that several threads record into, each into numbers of its own. */
export interface Shared {
  /** Those of this thread. */
  readonly numbers: Float64Array;
  /** Those of other threads. */
  others: Set<Float64Array> | undefined;
  /** When the first of them began. */
  startTime: HrTime;
}
