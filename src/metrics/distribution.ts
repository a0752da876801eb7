import type { Attributes, HrTime } from "@opentelemetry/api";
import type { Histogram } from "@opentelemetry/sdk-metrics";
import type { SharedSeries } from "./shared-series.ts";

/** Indexes of the numbers of a distribution, before its buckets. */
const COUNT = 0;
const SUM = 1;
const MIN = 2;
const MAX = 3;
const BUCKETS = 4;

/** Returns the number of numbers that a distribution with these bounds needs. */
export const distributionSize = (boundaries: readonly number[]): number => BUCKETS + boundaries.length + 1;

/** One series of an application's histogram, with arbitrary bounds. */
export class DistributionSeries implements SharedSeries {
  readonly attributes: Attributes;
  startTime: HrTime;
  readonly boundaries: readonly number[];
  readonly numbers: Float64Array;
  others: Set<Float64Array> | undefined;

  // oxlint-disable-next-line max-params -- the parts of a series
  constructor(attributes: Attributes, startTime: HrTime, boundaries: readonly number[], numbers: Float64Array) {
    this.attributes = attributes;
    this.startTime = startTime;
    this.boundaries = boundaries;
    this.numbers = numbers;
  }

  record(value: number): void {
    const { numbers, boundaries } = this;
    const isFirst = numbers[COUNT]!++ === 0;
    numbers[SUM]! += value;
    if (isFirst || value < numbers[MIN]!) numbers[MIN] = value;
    if (isFirst || value > numbers[MAX]!) numbers[MAX] = value;
    const bucket = boundaries.findIndex((bound) => value <= bound);
    numbers[BUCKETS + (bucket === -1 ? boundaries.length : bucket)]!++;
  }

  /** Converts the numbers to a histogram in the unit of the metric. */
  histogram(numbers: Float64Array): Histogram {
    const { boundaries } = this;
    const [count, sum, min, max] = numbers as unknown as [number, number, number, number];
    const range = count === 0 ? {} : { min, max };
    return {
      buckets: { boundaries: boundaries as number[], counts: [...numbers.subarray(BUCKETS)] },
      count,
      sum,
      ...range,
    };
  }
}

/** Adds the numbers of one thread to those of another. */
export function mergeDistributions(into: Float64Array, from: Float64Array): void {
  if (from[COUNT] === 0) return;
  if (into[COUNT] === 0) return into.set(from);
  const min = Math.min(into[MIN]!, from[MIN]!);
  const max = Math.max(into[MAX]!, from[MAX]!);
  for (let i = 0; i < into.length; i++) into[i]! += from[i]!;
  into[MIN] = min;
  into[MAX] = max;
}
