import type { Attributes, HrTime } from "@opentelemetry/api";
import type { Definition } from "./definition.ts";

/** Instrument and attributes of the series that numbers belong to. */
export interface SeriesDescription {
  readonly definition: Definition;
  readonly attributes: Attributes;
  readonly startTime: HrTime;
}

/** Storage of the numbers of series. */
export interface Memory {
  /**
   * Allocates numbers for a series.
   * @returns `length` zeros, which live as long as the thread
   */
  allocate(length: number, series: SeriesDescription): Float64Array;
}

/** Memory that no other thread sees. */
export const PRIVATE: Memory = { allocate: (length) => new Float64Array(length) };
