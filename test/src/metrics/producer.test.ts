import { TraceFlags, ValueType, type HrTime } from "@opentelemetry/api";
import {
  AggregationTemporality,
  DataPointType,
  MeterProvider,
  MetricReader,
  type DataPoint,
  type ExponentialHistogram,
  type Histogram,
  type MetricData,
} from "@opentelemetry/sdk-metrics";
import { expect } from "chai";
import { describe, it } from "mocha";
import {
  METRIC_DB_CLIENT_OPERATION_DURATION as DURATION,
  METRIC_STORAGE_INSTRUMENTATION_ERRORS as ERRORS,
  METRIC_STORAGE_SPACE_USAGE as SPACE,
  METRIC_STORAGE_TRANSACTION_OLDEST_AGE as AGE,
} from "../../../semconv/index.ts";
import { MetricRegistry } from "../../../src/metrics/registry.ts";
import { SeriesProducer, type ExemplaryPoint } from "../../../src/metrics/producer.ts";

/** A reader of a provider that collects when a test says so. */
class Reader extends MetricReader {
  readonly provider: MeterProvider;

  constructor(metrics: MetricRegistry, { delta = false, exponential = false } = {}) {
    const temporality = delta ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE;
    super({ metricProducers: [new SeriesProducer(metrics, { temporality: () => temporality, exponential })] });
    this.provider = new MeterProvider({ readers: [this] });
  }

  protected async onShutdown(): Promise<void> {}
  protected async onForceFlush(): Promise<void> {}

  async metrics(): Promise<Map<string, MetricData>> {
    const { resourceMetrics } = await this.collect();
    const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    return new Map(metrics.map((metric) => [metric.descriptor.name, metric]));
  }

  async points<T>({ name }: { readonly name: string }): Promise<DataPoint<T>[]> {
    return ((await this.metrics()).get(name)?.dataPoints ?? []) as DataPoint<T>[];
  }
}

const nanoseconds = ([seconds, rest]: HrTime): number => seconds * 1e9 + rest;
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

describe("a cumulative reader", () => {
  it("gets each metric according to its definition, from the start of each series", async () => {
    const metrics = new MetricRegistry();
    const before = Date.now() * 1e6;
    metrics.instrument(ERRORS).bind({ "storage.driver.name": "a" }).add(2);
    metrics.instrument(SPACE).bind({}).add(-3);
    metrics.instrument(AGE).bind({}).set(1.5);
    await pause();
    const collected = await new Reader(metrics).metrics();
    const { name, description, unit } = ERRORS;
    expect(collected.get(name)!.descriptor).to.deep.equal({ name, description, unit, valueType: ValueType.INT });
    expect(collected.get(name)).to.include({ dataPointType: DataPointType.SUM, isMonotonic: true });
    expect(collected.get(SPACE.name)).to.include({ dataPointType: DataPointType.SUM, isMonotonic: false });
    expect(collected.get(AGE.name)).to.include({ dataPointType: DataPointType.GAUGE });
    expect(collected.get(AGE.name)!.descriptor.valueType).to.equal(ValueType.DOUBLE);
    const [{ value, attributes, startTime, endTime } = expect.fail()] = collected.get(name)!.dataPoints;
    expect({ value, attributes }).to.deep.equal({ value: 2, attributes: { "storage.driver.name": "a" } });
    expect(nanoseconds(startTime)).to.be.within(before, nanoseconds(endTime) - 3e6);
    expect(nanoseconds(endTime)).to.be.at.most(Date.now() * 1e6);
  });

  it("gets all of a histogram each time, in the unit of the metric", async () => {
    const metrics = new MetricRegistry();
    const reader = new Reader(metrics);
    const series = metrics.instrument(DURATION).bind({});
    for (const value of [1_000, 1_001, 20e6]) {
      series.record(value);
      await reader.collect();
    }
    const [{ value: histogram, startTime } = expect.fail()] = await reader.points<Histogram>(DURATION);
    expect(histogram.buckets.boundaries).to.deep.equal(DURATION.boundaries);
    expect(histogram.buckets.counts).to.deep.equal([1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    expect(histogram).to.include({ count: 3, max: 0.02 });
    expect(startTime).to.equal(series.startTime);
    expect(histogram.sum).to.be.closeTo(0.020002001, 1e-12);
  });

  it("gets exponential buckets on request", async () => {
    const metrics = new MetricRegistry();
    const series = metrics.instrument(DURATION).bind({});
    for (const value of [0, 500e6, 600e6, 600e6]) series.record(value);
    const collected = await new Reader(metrics, { exponential: true }).metrics();
    expect(collected.get(DURATION.name)!.dataPointType).to.equal(DataPointType.EXPONENTIAL_HISTOGRAM);
    const value = collected.get(DURATION.name)!.dataPoints[0]!.value as ExponentialHistogram;
    expect(value).to.include({ count: 4, zeroCount: 1, scale: 3, sum: 1.7, max: 0.6 });
    // 0.5 lies in or at the bucket that begins at 2^(-8/8), 0.6 in (2^(-6/8), 2^(-5/8)].
    expect(value.positive).to.deep.equal({ offset: -8, bucketCounts: [1, 0, 2] });
    expect(value.negative.bucketCounts).to.deep.equal([]);
  });

  it("gets a gauge once it has been set, and its latest value", async () => {
    const metrics = new MetricRegistry();
    const reader = new Reader(metrics);
    const gauge = metrics.instrument(AGE).bind({});
    expect((await reader.metrics()).has(AGE.name)).to.equal(false);
    for (const value of [3, 0]) {
      gauge.set(value);
      expect((await reader.points<number>(AGE)).map((point) => point.value)).to.deep.equal([value]);
    }
  });

  it("gets the exemplar of each bucket, in the unit of the metric and at its own time", async () => {
    const metrics = new MetricRegistry();
    const series = metrics.instrument(DURATION).bind({});
    const spanContext = { traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: TraceFlags.SAMPLED };
    series.setExemplar(series.record(2_000_000), 2_000_000, spanContext);
    const recorded = Date.now() * 1e6;
    await pause();
    const [point] = (await new Reader(metrics).points(DURATION)) as ExemplaryPoint[];
    const exemplar = point!.exemplars![7]!;
    expect(point!.exemplars!.filter((each) => each !== undefined)).to.have.length(1);
    expect(exemplar).to.deep.include({ value: 0.002, spanContext });
    expect(nanoseconds(exemplar.time)).to.be.closeTo(recorded, 2e6);
  });
});

describe("a delta reader", () => {
  it("gets a counter that is zero once, and later only what changed", async () => {
    const metrics = new MetricRegistry();
    const reader = new Reader(metrics, { delta: true });
    const [still, moving] = ["still", "moving"].map((name) =>
      metrics.instrument(ERRORS).bind({ "storage.driver.name": name }),
    );
    const values = async (): Promise<number[]> => (await reader.points<number>(ERRORS)).map(({ value }) => value);
    expect(await values()).to.deep.equal([0, 0]);
    expect((await reader.metrics()).has(ERRORS.name)).to.equal(false);
    moving!.add(3);
    expect(await values()).to.deep.equal([3]);
    moving!.add(4);
    still!.add(1);
    expect(await values()).to.deep.equal([1, 4]);
  });

  it("gets a histogram only if something was recorded, without minimum and maximum", async () => {
    const metrics = new MetricRegistry();
    const reader = new Reader(metrics, { delta: true });
    const series = metrics.instrument(DURATION).bind({});
    series.record(5e6);
    series.record(1_001);
    const [first] = await reader.points<Histogram>(DURATION);
    expect(first!.value).to.include({ count: 2, sum: 0.005001001 }).and.not.to.have.property("max");
    expect(await reader.points(DURATION)).to.deep.equal([]);
    series.record(1_001);
    const [second] = await reader.points<Histogram>(DURATION);
    expect(second!.value.buckets.counts).to.deep.equal([0, 1, ...DURATION.boundaries.slice(1).map(() => 0)]);
    expect(second!.value.sum).to.be.closeTo(1.001e-6, 1e-15);
  });

  it("gets intervals that begin where the one before ended, also for a series that began later", async () => {
    const metrics = new MetricRegistry();
    const reader = new Reader(metrics, { delta: true });
    const collect = async (name: string): Promise<DataPoint<number>> => {
      await pause();
      metrics.instrument(ERRORS).bind({ "storage.driver.name": name }).add(1);
      return (await reader.points<number>(ERRORS))[0]!;
    };
    const points = [await collect("a"), await collect("a"), await collect("b"), await collect("a")];
    expect(points.slice(1).map((point) => point.startTime)).to.deep.equal(
      points.slice(0, -1).map((point) => point.endTime),
    );
    expect(points.every((point) => nanoseconds(point.startTime) <= nanoseconds(point.endTime))).to.equal(true);
    expect(nanoseconds(points[3]!.endTime)).to.be.above(nanoseconds(points[0]!.endTime) + 10e6);
  });
});

describe("several readers", () => {
  it("get everything once each, whenever they collect", async () => {
    const metrics = new MetricRegistry();
    const deltas = [{ delta: true }, { delta: true }, { delta: true, exponential: true }].map((options) => ({
      reader: new Reader(metrics, options),
      total: { errors: 0, count: 0, sum: 0, bucket: 0 },
    }));
    const collect = async ({ reader, total }: (typeof deltas)[number]): Promise<void> => {
      const collected = await reader.metrics();
      for (const { value } of (collected.get(ERRORS.name)?.dataPoints ?? []) as DataPoint<number>[])
        total.errors += value;
      for (const { value } of (collected.get(DURATION.name)?.dataPoints ?? []) as DataPoint<
        Histogram & ExponentialHistogram
      >[]) {
        total.count += value.count;
        total.sum += value.sum!;
        total.bucket += (value.buckets?.counts[6] ?? 0) + (value.positive?.bucketCounts[0] ?? 0);
      }
    };
    for (let i = 0; i < 60; i++) {
      metrics
        .instrument(ERRORS)
        .bind({ "storage.driver.name": `${i % 3}` })
        .add(i);
      metrics
        .instrument(DURATION)
        .bind({ "db.namespace": `${i % 2}` })
        .record(600_000);
      // Each in a rhythm of its own.
      await Promise.all(deltas.filter((_, at) => i % (2 + 3 * at) === 0).map(collect));
    }
    await Promise.all(deltas.map(collect));
    for (const { total } of deltas) {
      expect(total).to.include({ errors: (59 * 60) / 2, count: 60, bucket: 60 });
      expect(total.sum).to.be.closeTo(60 * 600e-6, 1e-9);
    }
    expect((await new Reader(metrics).points<number>(ERRORS)).map(({ value }) => value)).to.deep.equal([570, 590, 610]);
  });
});

describe("an update callback that throws", () => {
  it("is reported, and everything else is collected", async () => {
    const metrics = new MetricRegistry();
    const gauge = metrics.instrument(AGE).bind({});
    const problem = new Error("no such file");
    metrics.onCollect(() => {
      throw problem;
    });
    metrics.onCollect(() => gauge.set(7));
    const reader = new Reader(metrics);
    reader.provider.getMeter("app").createCounter("app.requests").add(1);
    const { resourceMetrics, errors } = await reader.collect();
    expect(errors).to.deep.equal([problem]);
    const names = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics.map((each) => each.descriptor.name));
    expect(names).to.include.members(["app.requests", AGE.name]);
  });
});
