import { ValueType, type Meter } from "@opentelemetry/api";
import { AggregationTemporality, MeterProvider, MetricReader, type MetricData } from "@opentelemetry/sdk-metrics";
import { expect } from "chai";
import { describe, it } from "mocha";
import { MetricRegistry } from "../../../src/metrics/registry.ts";
import { SeriesProducer } from "../../../src/metrics/producer.ts";
import { WorkerMeterProvider } from "../../../src/threads/meters.ts";

class Reader extends MetricReader {
  protected async onShutdown(): Promise<void> {}
  protected async onForceFlush(): Promise<void> {}
}

/** What of a metric is the same, whoever collected it and when. */
const essence = ({ descriptor, dataPoints, ...metric }: MetricData): unknown => ({
  ...metric,
  descriptor: (({ name, description, unit, valueType }) => ({ name, description, unit, valueType }))(descriptor),
  points: dataPoints
    .map(({ attributes, value }) => ({ attributes: { ...attributes, "thread.name": undefined }, value }))
    .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
});

const metrics = new MetricRegistry();
const worker = new WorkerMeterProvider("indexer", metrics);
let scopes = 0;

/** The same measurements with the SDK's meter and with a worker's, each collected as often as they say. */
async function both(measure: (meter: Meter) => (() => void)[]): Promise<{ sdk: unknown; ours: unknown }[]> {
  const name = `scope ${scopes++}`;
  const reader = new Reader({ aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE });
  const provider = new MeterProvider({ readers: [reader] });
  const producer = new SeriesProducer(metrics, {
    temporality: () => AggregationTemporality.CUMULATIVE,
    exponential: false,
  });
  const [theirs, ours] = [provider, worker].map((each) => measure(each.getMeter(name, "1.0")));
  const collections = [];
  for (let i = 0; i < theirs!.length; i++) {
    theirs![i]!();
    ours![i]!();
    const collected = [(await reader.collect()).resourceMetrics, producer.collectNow().resourceMetrics];
    const [sdk, own] = collected.map(({ scopeMetrics }) =>
      scopeMetrics
        .filter(({ scope }) => scope.name === name && scope.version === "1.0")
        .flatMap(({ metrics }) => metrics.map(essence)),
    );
    collections.push({ sdk, ours: own });
  }
  return collections;
}

describe("a meter of a worker", () => {
  for (const [what, measure] of Object.entries<(meter: Meter) => (() => void)[]>({
    "counters, which take nothing below zero": (meter) => {
      const counter = meter.createCounter("jobs", { unit: "{job}", description: "Jobs." });
      return [
        () => counter.add(1.5, { kind: "a", size: 1 }),
        () => [0, 2, -5].forEach((value) => counter.add(value, { size: 1, kind: "a" })),
        () => counter.add(1),
      ];
    },
    "whole numbers, without their fraction": (meter) => {
      const counter = meter.createCounter("whole", { valueType: ValueType.INT });
      return [() => [1.9, 2, NaN, Infinity].forEach((value) => counter.add(value))];
    },
    "up-down counters": (meter) => {
      const counter = meter.createUpDownCounter("waiting");
      return [() => counter.add(3), () => counter.add(-5)];
    },
    "gauges, of which the last value counts": (meter) => {
      const gauge = meter.createGauge("level");
      return [() => [5, 7, 3].forEach((value) => gauge.record(value, { of: ["a", "b"] }))];
    },
    "histograms with the bounds of the SDK, and with their own": (meter) => {
      const plain = meter.createHistogram("size");
      const bounded = meter.createHistogram("share", { advice: { explicitBucketBoundaries: [0.1, 0.11, 0.5] } });
      const values = [0, 0.05, 0.1, 0.105, 0.11, 0.3, 5, 10_000, 10_001, -1];
      return [
        () => plain.record(4),
        () => values.forEach((value) => [plain, bounded].forEach((each) => each.record(value))),
      ];
    },
    "observable instruments": (meter) => {
      let calls = 0;
      const gauge = meter.createObservableGauge("depth");
      const count = (result: { observe(value: number, attributes?: { q: string }): void }): void =>
        result.observe(++calls, { q: "a" });
      gauge.addCallback(count);
      gauge.addCallback(count);
      return [() => {}, () => {}];
    },
    "observable counters that one callback answers for, until it is removed": (meter) => {
      const [seen, held] = [meter.createObservableCounter("seen"), meter.createObservableUpDownCounter("held")];
      let value = 10;
      const stranger = meter.createObservableCounter("stranger");
      const answer: Parameters<Meter["addBatchObservableCallback"]>[0] = (result) => {
        result.observe(seen, value);
        result.observe(held, -value);
        result.observe(stranger, 1);
        value += 10;
      };
      meter.addBatchObservableCallback(answer, [seen, held]);
      return [() => {}, () => {}];
    },
  })) {
    it(`measures as the one of the SDK does: ${what}`, async () => {
      for (const { sdk, ours } of await both(measure)) {
        expect(ours).to.deep.equal(sdk);
        expect(sdk).not.to.deep.equal([]);
      }
    });
  }

  it("runs no callback that was removed", () => {
    const meter = worker.getMeter("removed");
    const gauge = meter.createObservableGauge("depth");
    let calls = 0;
    const callback = (): void => void calls++;
    gauge.addCallback(callback);
    meter.addBatchObservableCallback(callback, [gauge]);
    metrics.poll();
    gauge.removeCallback(callback);
    metrics.poll();
    meter.removeBatchObservableCallback(callback, [gauge]);
    metrics.poll();
    expect(calls).to.equal(3);
  });

  it("continues after a callback fails, at once or later", async () => {
    const gauge = worker.getMeter("failing").createObservableGauge("depth");
    gauge.addCallback(() => {
      throw new Error("at once");
    });
    gauge.addCallback(() => Promise.reject(new Error("later")));
    expect(metrics.poll()).to.deep.equal([]);
    await new Promise((resolve) => setImmediate(resolve));
  });
});
