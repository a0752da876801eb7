import type { Attributes, HrTime } from "@opentelemetry/api";
import type { Definition } from "./definition.ts";

/** Which series of which instrument numbers are of. */
export interface SeriesDescription {
  readonly definition: Definition;
  readonly attributes: Attributes;
  readonly startTime: HrTime;
}

/** Where the numbers of series are kept. */
export interface Memory {
  /** @returns as many zeros, for as long as the thread lives */
  allocate(length: number, series: SeriesDescription): Float64Array;
}

/** Memory that no other thread sees. */
export const PRIVATE: Memory = { allocate: (length) => new Float64Array(length) };
