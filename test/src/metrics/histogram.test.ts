import type { SpanContext } from "@opentelemetry/api";
import { expect } from "chai";
import { describe, it } from "mocha";
import { seeded } from "../../helpers/random.ts";
import {
  METRIC_DB_CLIENT_OPERATION_DURATION,
  METRIC_STORAGE_COMPACTION_WRITE_AMPLIFICATION,
} from "../../../semconv/index.ts";
import {
  explicitCounts,
  exponentialBuckets,
  HistogramSeries,
  HistogramLayout,
  quantile,
} from "../../../src/metrics/histogram.ts";

const SECONDS = new HistogramLayout("s", METRIC_DB_CLIENT_OPERATION_DURATION.boundaries);
const BYTES = new HistogramLayout("By", [0, 1, 2, 3, 4, 5, 10, 100, 65_536, 1e6, 2 ** 31, 1e10, 2 ** 40]);
const LAYOUTS = { durations: SECONDS, sizes: BYTES };

const seriesWith = (layout: HistogramLayout, values: Iterable<number>): HistogramSeries => {
  const series = new HistogramSeries({}, [0, 0], layout);
  for (const value of values) series.record(value);
  return series;
};

/** Whole numbers up to 2^45, as many of each size. */
const spread = (random: () => number, count: number): number[] =>
  Array.from({ length: count }, () => Math.floor(2 ** (random() * 45)));

/** The first bound a value is not above, looked for in the plainest way. */
const bucketOf = (value: number, { boundaries, perUnit }: HistogramLayout): number => {
  const index = boundaries.findIndex((bound) => value <= Math.round(bound * perUnit));
  return index === -1 ? boundaries.length : index;
};

describe("the explicit buckets of a histogram", () => {
  for (const [name, layout] of Object.entries(LAYOUTS)) {
    it(`count ${name} on a bound in the bucket below it, and above it in the next`, () => {
      layout.boundaries.forEach((boundary, i) => {
        const bound = Math.round(boundary * layout.perUnit);
        const series = seriesWith(layout, [bound, bound, bound + 1]);
        const counts = explicitCounts(series.numbers, layout);
        expect([counts[i], counts.reduce((sum, count) => sum + count)], `${boundary}`).to.deep.equal([2, 3]);
        expect([bound - 1, bound, bound + 1].map((value) => series.record(value))).to.deep.equal([
          bucketOf(bound - 1, layout),
          i,
          i + 1,
        ]);
      });
    });

    it(`count ${name} of every size as counting them one by one does`, () => {
      const random = seeded(1);
      const bounds = layout.boundaries.map((boundary) => Math.round(boundary * layout.perUnit));
      const near = bounds.flatMap((bound) => [-1, -0.25, 0, 0.25, 1].map((distance) => bound + distance));
      const values = [0, -1, ...near, ...spread(random, 50_000)];
      const expected = Array.from({ length: layout.boundaries.length + 1 }, () => 0);
      for (const value of values) expected[bucketOf(value, layout)]!++;
      const series = seriesWith(layout, values);
      expect(explicitCounts(series.numbers, layout)).to.deep.equal(expected);
      expect(series.histogram(series.numbers).max! * layout.perUnit).to.equal(Math.max(...values));
    });
  }

  it("count values far above the last bound in the last bucket only", () => {
    const series = seriesWith(SECONDS, [11e9, 20e9, 2 ** 31 * 1e3, 2 ** 45]);
    expect(explicitCounts(series.numbers, SECONDS)).to.deep.equal([...SECONDS.boundaries.map(() => 0), 4]);
  });

  it("count values that are a rounding error below a power of two", () => {
    const values = Array.from({ length: 40 }, (_, i) => (2 ** i / SECONDS.cellUnits) * (1 - Number.EPSILON));
    const series = seriesWith(SECONDS, values);
    expect(explicitCounts(series.numbers, SECONDS).reduce((sum, count) => sum + count)).to.equal(40);
  });

  it("count ratios below, on and above bounds that are not whole", () => {
    const layout = new HistogramLayout("1", METRIC_STORAGE_COMPACTION_WRITE_AMPLIFICATION.boundaries);
    const ratios = [0, 0.001, 0.25, 0.26, 1, 1.01, 1.25, 1.3, 1.999, 2, 33.9, 34, 34.1, 1000];
    const expected = Array.from({ length: layout.boundaries.length + 1 }, () => 0);
    for (const ratio of ratios) expected[layout.boundaries.filter((bound) => bound < ratio).length]!++;
    const series = seriesWith(layout, ratios);
    expect(explicitCounts(series.numbers, layout)).to.deep.equal(expected);
    expect(series.histogram(series.numbers).sum).to.be.closeTo(
      ratios.reduce((sum, ratio) => sum + ratio),
      1e-9,
    );
    const single = seriesWith(layout, [1.5]);
    expect(quantile(exponentialBuckets(single.numbers, layout), 0.5)).to.be.closeTo(1.5, 0.08);
  });

  it("have whole bounds, unless they are durations or ratios", () => {
    expect(() => new HistogramLayout("{row}", [0.5, 1.5])).to.throw(RangeError, "have to be whole: 0.5, 1.5");
  });

  it("cannot be closer than their cells", () => {
    expect(() => new HistogramLayout("s", [1, 1.1])).not.to.throw();
    expect(() => new HistogramLayout("s", [1, 1.01])).to.throw(RangeError, "bucket bounds closer than 9 %: 1, 1.01");
  });
});

/** Whether a value lies in its bucket `(2^(i/2^scale), 2^((i+1)/2^scale)]`, as far as its ten leading bits tell. */
function isInside(value: number, index: number, scale: number, layout: HistogramLayout): boolean {
  const edge = (of: number): number => 2 ** (of / 2 ** scale) * layout.perUnit;
  // A duration is cut to whole units of 2^-30 seconds first.
  const unit = layout === SECONDS ? 1 : 0;
  return value >= edge(index) * (1 - 2 ** -11) && value <= edge(index + 1) * (1 + 2 ** -11) + unit;
}

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

describe("the exponential buckets of a histogram", () => {
  for (const [name, layout] of Object.entries(LAYOUTS)) {
    it(`hold ${name} to a part in 2,048 within their bounds`, () => {
      const values = spread(seeded(2), 20_000).filter((value) => value > 0 && value < 2 ** 39);
      const outside = values.filter((value) => {
        const { scale, offset, bucketCounts } = exponentialBuckets(seriesWith(layout, [value]).numbers, layout);
        return scale !== 3 || total(bucketCounts) !== 1 || !isInside(value, offset, scale, layout);
      });
      expect(outside).to.deep.equal([]);
    });

    it(`never fall as ${name} rise`, () => {
      const offsets = spread(seeded(3), 20_000)
        .sort((a, b) => a - b)
        .map((value) => exponentialBuckets(seriesWith(layout, [value]).numbers, layout).offset);
      expect(offsets).to.deep.equal(offsets.toSorted((a, b) => a - b));
    });
  }

  it("count zero and less separately, and values beyond the last bucket in it", () => {
    const { zeroCount, offset, bucketCounts } = exponentialBuckets(
      seriesWith(SECONDS, [0, -5, 0, 2 ** 39, 2 ** 41, 2 ** 60]).numbers,
      SECONDS,
    );
    expect(zeroCount).to.equal(3);
    expect(isInside(2 ** 39, offset, 3, SECONDS)).to.equal(true);
    expect([bucketCounts[0], bucketCounts.at(-1), total(bucketCounts)]).to.deep.equal([1, 2, 3]);
    expect(2 ** ((offset + bucketCounts.length) / 8)).to.equal(1024);
  });

  it("are 160 at most, and twice as wide beyond that", () => {
    const narrow = exponentialBuckets(seriesWith(BYTES, [1, 2 ** 20 - 1]).numbers, BYTES);
    expect([narrow.scale, narrow.bucketCounts.length]).to.deep.equal([3, 160]);
    const wide = exponentialBuckets(seriesWith(BYTES, [1, 2 ** 20]).numbers, BYTES);
    expect([wide.scale, wide.bucketCounts.length]).to.deep.equal([2, 81]);
  });

  it("hold as many values when they are merged, each within its bounds", () => {
    const random = seeded(4);
    for (let i = 0; i < 200; i++) {
      // At least 21 octaves, wherever they begin.
      const low = Math.ceil(2 ** (random() * 16));
      const values = [low, ...spread(random, 20).filter((value) => value > low && value < 2 ** 39), low * 2 ** 21];
      const { scale, offset, bucketCounts } = exponentialBuckets(seriesWith(SECONDS, values).numbers, SECONDS);
      expect([scale, total(bucketCounts)]).to.deep.equal([2, values.length]);
      for (const value of values) {
        const holding = bucketCounts.findIndex((count, at) => count > 0 && isInside(value, offset + at, 2, SECONDS));
        expect(holding, `${value} of ${values.join(" ")}`).not.to.equal(-1);
      }
    }
  });
});

describe("a quantile", () => {
  const random = seeded(5);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const distributions: Readonly<Record<string, () => number>> = {
    "constant values": () => 2_500,
    "uniform values": () => 1 + random() * 1e6,
    "values of a few nanoseconds": () => 1 + random() * 20,
    "exponential values": () => -Math.log(1 - random()) * 50_000,
    "log-normal values": () => Math.exp(9 + normal()),
    "values with two peaks": () => (random() < 0.9 ? 2_000 + 100 * normal() : 5e6 + 1e5 * normal()),
    "values with a long tail": () => 1_000 * (1 - random()) ** -1.5,
    "values over 30 octaves": () => 2 ** (random() * 30),
  };
  for (const [name, draw] of Object.entries(distributions)) {
    it(`of ${name} is within 10 % of the exact one`, () => {
      const values = Array.from({ length: 20_000 }, () => Math.max(1, Math.round(draw()))).sort((a, b) => a - b);
      const buckets = exponentialBuckets(seriesWith(SECONDS, values).numbers, SECONDS);
      for (const q of [0, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1]) {
        const exact = values[Math.max(0, Math.ceil(q * values.length) - 1)]!;
        expect((quantile(buckets, q)! * 1e9) / exact, `${q}`).to.be.within(0.9, 1.1);
      }
    });
  }

  it("of nothing is undefined, and of zeros zero", () => {
    const of = (values: readonly number[], q: number): number | undefined =>
      quantile(exponentialBuckets(seriesWith(SECONDS, values).numbers, SECONDS), q);
    expect(of([], 0.5)).to.equal(undefined);
    expect(of([0, 0, 1_000], 0.5)).to.equal(0);
    expect(of([0, 1_000, 1_000], 0.5)).to.be.within(0.95e-6, 1.05e-6);
  });
});

describe("the exemplars of a histogram", () => {
  it("are the latest of each bucket, and of one span the first", () => {
    const span = (id: number): SpanContext => ({ traceId: `${id}`.repeat(32), spanId: "1".repeat(16), traceFlags: 1 });
    const series = seriesWith(SECONDS, []);
    expect(series.exemplars).to.equal(undefined);
    const [first, second] = [span(1), span(2)];
    for (const [value, context] of [
      [700, first],
      [800, first],
      [2_000, first],
      [3_000, second],
    ] as const)
      series.setExemplar(series.record(value), value, context);
    expect(series.exemplars!.map((exemplar) => exemplar && [exemplar.value, exemplar.spanContext])).to.deep.equal(
      SECONDS.boundaries.concat(Infinity).map(
        (_, i) =>
          [
            [700, first],
            [3_000, second],
          ][i],
      ),
    );
  });
});
