import type { HrTime } from "@opentelemetry/api";

/** Series that several threads record into, each into numbers of its own. */
export interface SharedSeries {
  /** Numbers of this thread. */
  readonly numbers: Float64Array;
  /** Numbers of other threads. */
  others: Set<Float64Array> | undefined;
  /** Start of the earliest of them. */
  startTime: HrTime;
}
