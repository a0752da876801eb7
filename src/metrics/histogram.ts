import type { Attributes, HrTime, SpanContext } from "@opentelemetry/api";
import type { ExponentialHistogram, Histogram } from "@opentelemetry/sdk-metrics";
import { now } from "../runtime/clock.ts";
import type { SharedSeries } from "./shared-series.ts";

/** Buckets per factor of two. With eight, a bucket is 9 % wide, so its middle is within 5 % of any value in it. */
const SCALE = 3;
const PER_OCTAVE = 1 << SCALE;
const OCTAVES = 40;
/** Number of cells. Cell 0 counts values of zero and less. */
const CELLS = 1 + OCTAVES * PER_OCTAVE;

/** Bits after the leading one that index the lookup table for the position of a value inside its octave. */
const MANTISSA_BITS = 10;
const SUB_BUCKETS = Uint8Array.from({ length: 1 << MANTISSA_BITS }, (_, mantissa) => {
  const fraction = 1 + (mantissa + 0.5) / (1 << MANTISSA_BITS);
  return Math.min(PER_OCTAVE - 1, Math.ceil(Math.log2(fraction) * PER_OCTAVE) - 1);
});

/** Returns the cell of a value in cell units. Monotonic: never falls as the value rises. */
function cellOf(value: number): number {
  const integer = value | 0;
  // Beyond 31 bits the conversion wraps around.
  if (integer <= 0 || value >= 0x80000000) return cellOfExtreme(value);
  const octave = 31 - Math.clz32(integer);
  const shift = octave - MANTISSA_BITS;
  const mantissa = (shift > 0 ? integer >>> shift : integer << -shift) & ((1 << MANTISSA_BITS) - 1);
  return 1 + (octave << SCALE) + SUB_BUCKETS[mantissa]!;
}

function cellOfExtreme(value: number): number {
  if (!(value > 0)) return 0;
  if (value < 1) return 1;
  let octave = Math.floor(Math.log2(value));
  // The logarithm of a value just below a power of two is rounded up to it.
  if (2 ** octave > value) octave--;
  if (octave >= OCTAVES) return CELLS - 1;
  const mantissa = Math.floor((value / 2 ** octave - 1) * (1 << MANTISSA_BITS));
  return 1 + (octave << SCALE) + SUB_BUCKETS[mantissa]!;
}

/** Bits after the point of a ratio, below which values are in one cell. */
const RATIO_BITS = 10;

/** Mapping from recorded values to the exported metric. */
export class HistogramLayout {
  /** Recorded values per unit of the metric: 1e9 for nanoseconds that are exported as seconds. */
  readonly perUnit: number;
  /**
   * Cell units per recorded value. A cell unit is a power of two of the metric's unit, so that exported edges are
   * exact.
   */
  readonly cellUnits: number;
  /** Exponent of the first cell's lower edge, in base-2 exponential buckets of scale 3. */
  readonly firstExponent: number;
  /** Explicit bucket bounds, in the metric's unit. */
  readonly boundaries: readonly number[];
  /** The same bounds as recorded values. */
  readonly bounds: Float64Array;
  /**
   * For each cell, the explicit bucket of its lowest values. `SPLIT` is added where the bound of that bucket lies
   * inside the cell, so that the cell's highest values belong to the next bucket.
   */
  readonly buckets: Uint8Array = new Uint8Array(CELLS);
  /** For each bound, the cell that contains it. */
  readonly splitCells: Uint16Array;

  constructor(unit: string, boundaries: readonly number[]) {
    const isRatio = unit === "1";
    this.perUnit = unit === "s" ? 1e9 : 1;
    const unitBits = unit === "s" ? 30 : isRatio ? RATIO_BITS : 0;
    this.cellUnits = 2 ** unitBits / this.perUnit;
    this.firstExponent = -unitBits * PER_OCTAVE;
    if (unit !== "s" && !isRatio && !boundaries.every(Number.isInteger)) {
      throw new RangeError(`bucket bounds of counts have to be whole: ${boundaries.join(", ")}`);
    }
    this.boundaries = boundaries;
    this.bounds = Float64Array.from(boundaries, (bound) => (isRatio ? bound : Math.round(bound * this.perUnit)));
    this.splitCells = Uint16Array.from(this.bounds, (bound) => cellOf(bound * this.cellUnits));
    this.#place();
  }

  #place(): void {
    this.splitCells.forEach((cell, index) => {
      if (this.buckets[cell]! >= SPLIT)
        throw new RangeError(`bucket bounds closer than 9 %: ${this.boundaries.join(", ")}`);
      this.buckets[cell]! += SPLIT;
      this.buckets.fill(index + 1, cell + 1);
    });
  }
}

const SPLIT = 128;

/** Measurement of a bucket, with the trace that contains it. */
export interface Exemplar {
  /** Value as recorded. */
  readonly value: number;
  readonly spanContext: SpanContext;
  /** Monotonic timestamp of the measurement. */
  readonly timestamp: bigint;
}

/**
 * Indexes of the numbers of a histogram: its cells, then for each bound the count of values above it in the same cell.
 */
const SUM = 0;
const MAX = 1;
const FIRST = 2;
const ABOVE = FIRST + CELLS;

/** Returns the number of numbers that a histogram of a layout needs. */
export const sizeOf = ({ bounds }: HistogramLayout): number => ABOVE + bounds.length;

/**
 * One series of a histogram. A single increment of one number serves two views: base-2 exponential buckets, and
 * explicit buckets with decimal bounds. The cell of a bound is counted in two parts, up to the bound and above it,
 * which makes the explicit view exact. No value is counted twice, so that another thread can read the numbers at any
 * time.
 */
export class HistogramSeries implements SharedSeries {
  readonly attributes: Attributes;
  startTime: HrTime;
  readonly layout: HistogramLayout;
  readonly numbers: Float64Array;
  others: Set<Float64Array> | undefined;
  /** Latest exemplar of each explicit bucket; allocated with the first. */
  exemplars: (Exemplar | undefined)[] | undefined;

  // oxlint-disable-next-line max-params -- the parts of a series
  constructor(
    attributes: Attributes,
    startTime: HrTime,
    layout: HistogramLayout,
    numbers: Float64Array = new Float64Array(sizeOf(layout)),
  ) {
    this.attributes = attributes;
    this.startTime = startTime;
    this.layout = layout;
    this.numbers = numbers;
  }

  /**
   * Counts a value: nanoseconds for a duration, otherwise a count in the metric's unit.
   * @returns the index of its explicit bucket
   */
  record(value: number): number {
    const { layout, numbers } = this;
    const cell = cellOf(value * layout.cellUnits);
    numbers[SUM]! += value;
    if (value > numbers[MAX]!) numbers[MAX] = value;
    const bucket = layout.buckets[cell]!;
    if (bucket < SPLIT) {
      numbers[FIRST + cell]!++;
      return bucket;
    }
    const below = bucket - SPLIT;
    if (value <= layout.bounds[below]!) {
      numbers[FIRST + cell]!++;
      return below;
    }
    numbers[ABOVE + below]!++;
    return below + 1;
  }

  /** Counts a value `times` times. */
  repeat(value: number, times: number): void {
    const { layout, numbers } = this;
    const cell = cellOf(value * layout.cellUnits);
    const below = layout.buckets[cell]! - SPLIT;
    const isAbove = below >= 0 && value > layout.bounds[below]!;
    numbers[isAbove ? ABOVE + below : FIRST + cell]! += times;
    numbers[SUM]! += value * times;
    if (value > numbers[MAX]!) numbers[MAX] = value;
  }

  /** Converts the numbers to a histogram in the unit of the metric. */
  histogram(numbers: Float64Array): Histogram {
    const { boundaries, perUnit } = this.layout;
    const counts = explicitCounts(numbers, this.layout);
    return {
      buckets: { boundaries: boundaries as number[], counts },
      count: counts.reduce((total, count) => total + count, 0),
      sum: numbers[SUM]! / perUnit,
      max: numbers[MAX]! / perUnit,
    };
  }

  /** Converts the numbers to base-2 exponential buckets. */
  exponential(numbers: Float64Array): ExponentialHistogram {
    const { scale, zeroCount, offset, bucketCounts } = exponentialBuckets(numbers, this.layout);
    return {
      scale,
      zeroCount,
      positive: { offset, bucketCounts: [...bucketCounts] },
      negative: { offset: 0, bucketCounts: [] },
      count: zeroCount + bucketCounts.reduce((total, count) => total + count, 0),
      sum: numbers[SUM]! / this.layout.perUnit,
      max: numbers[MAX]! / this.layout.perUnit,
    };
  }

  /** Sets a recorded value as the exemplar of its bucket. Of several values of one span, the first is kept. */
  setExemplar(bucket: number, value: number, spanContext: SpanContext): void {
    this.exemplars ??= Array.from({ length: this.layout.bounds.length + 1 });
    if (this.exemplars[bucket]?.spanContext === spanContext) return;
    this.exemplars[bucket] = { value, spanContext, timestamp: now() };
  }
}

/** Returns the number of recorded values. */
export function countOf(numbers: Float64Array): number {
  let count = 0;
  // Runs for thousands of series: a function for each number takes ten times as long before it is compiled.
  for (let i = FIRST; i < numbers.length; i++) count += numbers[i]!;
  return count;
}

/** Adds the numbers of one thread to those of another. */
export function mergeHistograms(into: Float64Array, from: Float64Array): void {
  const max = Math.max(into[MAX]!, from[MAX]!);
  for (let i = 0; i < into.length; i++) into[i]! += from[i]!;
  into[MAX] = max;
}

/** Returns the counts of the explicit buckets, one more than there are bounds. */
export function explicitCounts(numbers: Float64Array, layout: HistogramLayout): number[] {
  const { bounds, buckets } = layout;
  // `Array.from` takes ten times as long.
  const counts = [0];
  for (let below = 0; below < bounds.length; below++) counts.push(0);
  for (let cell = 0; cell < CELLS; cell++) {
    const count = numbers[FIRST + cell]!;
    if (count !== 0) counts[buckets[cell]! & ~SPLIT]! += count;
  }
  for (let below = 0; below < bounds.length; below++) counts[below + 1]! += numbers[ABOVE + below]!;
  return counts;
}

/** Base-2 exponential buckets: bucket i of scale s covers `(2^((offset+i)/2^s), 2^((offset+i+1)/2^s)]`. */
export interface ExponentialBuckets {
  readonly scale: number;
  readonly zeroCount: number;
  readonly offset: number;
  readonly bucketCounts: readonly number[];
}

/** Default maximum number of exponential buckets in the specification. */
const MAX_BUCKETS = 160;

/** Returns the counts of all cells, with both parts of a split cell added. */
function cellCounts(numbers: Float64Array, layout: HistogramLayout): Float64Array {
  const counts = numbers.slice(FIRST, ABOVE);
  layout.splitCells.forEach((cell, below) => (counts[cell]! += numbers[ABOVE + below]!));
  return counts;
}

/** Returns exponential buckets, merged pairwise until their number is within the default. */
export function exponentialBuckets(numbers: Float64Array, layout: HistogramLayout): ExponentialBuckets {
  const counts = cellCounts(numbers, layout);
  const zeroCount = counts[0]!;
  const first = counts.findIndex((count, cell) => cell > 0 && count > 0);
  if (first === -1) return { scale: SCALE, zeroCount, offset: 0, bucketCounts: [] };
  const last = counts.findLastIndex((count) => count > 0);
  let scale = SCALE;
  let offset = layout.firstExponent + first - 1;
  let bucketCounts = Array.from(counts.subarray(first, last + 1));
  while (bucketCounts.length > MAX_BUCKETS) {
    bucketCounts = mergePairs(bucketCounts, offset);
    offset = Math.floor(offset / 2);
    scale--;
  }
  return { scale, zeroCount, offset, bucketCounts };
}

function mergePairs(counts: readonly number[], offset: number): number[] {
  const merged: number[] = [];
  counts.forEach((count, i) => {
    const index = Math.floor((offset + i) / 2) - Math.floor(offset / 2);
    merged[index] = (merged[index] ?? 0) + count;
  });
  return merged;
}

/**
 * Returns the value below which the ratio `q` of the counted values lies, within 5 %; undefined if nothing was counted.
 */
export function quantile(buckets: ExponentialBuckets, q: number): number | undefined {
  const total = buckets.zeroCount + buckets.bucketCounts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  let rank = Math.max(1, Math.ceil(q * total)) - buckets.zeroCount;
  if (rank <= 0) return 0;
  const index = buckets.bucketCounts.findIndex((count) => (rank -= count) <= 0);
  return 2 ** ((buckets.offset + index + 0.5) / 2 ** buckets.scale);
}
