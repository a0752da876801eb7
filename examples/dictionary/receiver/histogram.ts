import type { OtlpHistogramPoint } from "./otlp.ts";

/** A base-2 exponential histogram: at scale s, bucket i counts values in (2^(i / 2^s), 2^((i + 1) / 2^s)]. */
export interface Histogram {
  readonly count: number;
  readonly sum: number;
  readonly max: number;
  readonly scale: number;
  readonly zeroCount: number;
  readonly buckets: ReadonlyMap<number, number>;
}

export function readHistogram({ positive, scale, sum, max, ...point }: OtlpHistogramPoint): Histogram {
  const buckets = positive.bucketCounts.map((count, i) => [positive.offset + i, Number(count)] as const);
  return {
    count: Number(point.count),
    sum,
    max,
    scale,
    zeroCount: Number(point.zeroCount),
    buckets: new Map(buckets.filter(([, count]) => count > 0)),
  };
}

/** Both in one; the finer of the two loses what the other does not have. */
export function merge(a: Histogram, b: Histogram): Histogram {
  const scale = Math.min(a.scale, b.scale);
  const buckets = new Map(atScale(a, scale));
  for (const [index, count] of atScale(b, scale)) buckets.set(index, (buckets.get(index) ?? 0) + count);
  return {
    count: a.count + b.count,
    sum: a.sum + b.sum,
    max: Math.max(a.max, b.max),
    scale,
    zeroCount: a.zeroCount + b.zeroCount,
    buckets,
  };
}

/** One step down in scale puts two neighbours into one bucket. */
function atScale({ buckets, scale: from }: Histogram, scale: number): Map<number, number> {
  const merged = new Map<number, number>();
  for (const [index, count] of buckets) {
    const target = index >> (from - scale);
    merged.set(target, (merged.get(target) ?? 0) + count);
  }
  return merged;
}

/** The value below which a share of all values lies: the geometric middle of its bucket. */
export function quantile({ count, zeroCount, buckets, scale, max }: Histogram, share: number): number {
  let rank = Math.ceil(share * count) - zeroCount;
  if (rank <= 0) return 0;
  for (const [index, inBucket] of [...buckets].sort(([a], [b]) => a - b)) {
    rank -= inBucket;
    // The middle of the last bucket can be above the highest value in it.
    if (rank <= 0) return Math.min(2 ** ((index + 0.5) / 2 ** scale), max);
  }
  return max;
}
