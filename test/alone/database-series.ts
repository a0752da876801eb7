import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { AggregationTemporality, type DataPoint, type Histogram } from "@opentelemetry/sdk-metrics";
import { expect } from "chai";
import { describe, it } from "mocha";
import {
  METRIC_DB_CLIENT_OPERATION_DURATION as DURATION,
  METRIC_STORAGE_COMPACTION_LAST_SUCCESS_TIMESTAMP as LAST_COMPACTION,
  METRIC_STORAGE_SPACE_USAGE as SPACE,
  METRIC_STORAGE_TRANSACTION_CONFLICTS as CONFLICTS,
} from "../../semconv/index.ts";
import { DatabaseLifetimes } from "../../src/metrics/database-series.ts";
import { MetricRegistry } from "../../src/metrics/registry.ts";
import { SeriesProducer } from "../../src/metrics/producer.ts";

const HOUR = 3_600_000;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** The metrics of a process that opens and closes databases, and its readers. */
class Process {
  time = 0;
  readonly metrics = new MetricRegistry(2000, undefined, new DatabaseLifetimes(() => this.time));
  readonly reader = this.newReader();

  newReader(temporality = AggregationTemporality.CUMULATIVE): SeriesProducer {
    return new SeriesProducer(this.metrics, { temporality: () => temporality, exponential: false });
  }

  open(name: string): void {
    const attributes = { "db.system.name": "sqlite", "db.namespace": name };
    this.metrics.lifetimes!.opened(attributes);
    this.metrics.instrument(DURATION).bind(attributes).record(1e6);
    this.metrics
      .instrument(CONFLICTS)
      .bind({ ...attributes, "storage.conflict.reason": "busy" })
      .add(2);
    this.metrics.instrument(SPACE).bind({ ...attributes, "storage.file.type": "table" }).value = 4096;
  }

  close(name: string): void {
    this.metrics.lifetimes!.closed({ "db.system.name": "sqlite", "db.namespace": name });
  }

  use(count: number, prefix: string): void {
    for (let i = 0; i < count; i++) this.open(`${prefix}${i}`);
    for (let i = 0; i < count; i++) this.close(`${prefix}${i}`);
  }

  series(definition: typeof DURATION | typeof CONFLICTS | typeof SPACE | typeof LAST_COMPACTION): string[] {
    const series = [...this.metrics.instrument(definition).series()];
    return series.map(({ attributes }) => String(attributes["db.namespace"] ?? "others"));
  }
}

/** The sum over all series of a collection. */
function sums(reader: SeriesProducer): Record<string, number> {
  const metrics = reader.collectNow().resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
  return Object.fromEntries(
    metrics.map(({ descriptor, dataPoints }) => [
      descriptor.name,
      (dataPoints as DataPoint<number | Histogram>[]).reduce(
        (sum, { value }) => sum + (typeof value === "number" ? value : value.count),
        0,
      ),
    ]),
  );
}

describe("a database that is closed", () => {
  it("loses its gauges at once, and its counts after each reader has seen them twice and a minimum time", () => {
    const app = new Process();
    const second = app.newReader();
    const collect = (): void => [app.reader, second].forEach((reader) => reader.collectNow());
    app.open("a");
    collect();
    app.close("a");
    expect(app.series(SPACE)).to.deep.equal([]);
    for (let i = 0; i < 5; i++) app.reader.collectNow();
    app.time += HOUR / 10;
    app.reader.collectNow();
    expect(app.series(DURATION)).to.deep.equal(["a"]);
    collect();
    collect();
    expect(app.series(DURATION)).to.deep.equal([]);
  });

  it("keeps its last-success timestamps as long as its counts", () => {
    const app = new Process();
    app.open("a");
    const attributes = { "db.system.name": "sqlite", "db.namespace": "a" };
    app.metrics.instrument(LAST_COMPACTION).bind(attributes).set(1_790_000_000);
    app.close("a");
    expect(sums(app.reader)[LAST_COMPACTION.name]).to.equal(1_790_000_000);
    for (let i = 0; i < 5; i++, app.time += HOUR) app.reader.collectNow();
    expect(app.series(LAST_COMPACTION)).to.deep.equal([]);
  });

  it("continues its counts for each reader when it is opened again", () => {
    const app = new Process();
    const delta = app.newReader(AggregationTemporality.DELTA);
    const readers = [app.reader, delta];
    app.open("a");
    expect(readers.map((reader) => sums(reader)[DURATION.name])).to.deep.equal([1, 1]);
    app.close("a");
    for (let i = 0; i < 5; i++, app.time += HOUR / 20) readers.forEach((reader) => reader.collectNow());
    expect(app.series(DURATION)).to.deep.equal([]);
    app.open("a");
    expect(readers.map((reader) => sums(reader)[DURATION.name])).to.deep.equal([2, 1]);
    expect(sums(app.reader)[CONFLICTS.name]).to.equal(4);
  });

  it("adds its counts to the overflow series if many databases were closed between two collections", () => {
    const app = new Process();
    const delta = app.newReader(AggregationTemporality.DELTA);
    app.use(1_000, "tenant");
    expect(app.series(DURATION)).to.have.length(11).and.to.include("others");
    for (const reader of [app.reader, delta])
      expect(sums(reader)).to.deep.equal({ [DURATION.name]: 1_000, [CONFLICTS.name]: 2_000 });
  });

  it("is collected once if many were closed, and is not counted twice", () => {
    const app = new Process();
    for (let i = 0; i < 1_000; i++) app.open(`tenant${i}`);
    expect(sums(app.reader)[DURATION.name]).to.equal(1_000);
    for (let i = 0; i < 1_000; i++) app.close(`tenant${i}`);
    expect(sums(app.reader)[DURATION.name]).to.equal(1_000);
    expect(app.series(DURATION)).to.have.length(10);
    for (let i = 0; i < 5; i++, app.time += HOUR) app.reader.collectNow();
    expect(app.series(DURATION)).to.deep.equal([]);
  });

  it("never records the runs of a kept statement in the series of another database", () => {
    const app = new Process();
    app.open("old");
    const kept = app.metrics.instrument(DURATION).bind({ "db.system.name": "sqlite", "db.namespace": "old" });
    app.close("old");
    app.use(500, "tenant");
    app.reader.collectNow();
    kept.record(1e9);
    app.open("new");
    const counts = Array.from(app.metrics.instrument(DURATION).series(), ({ numbers }) => numbers[1]);
    expect(Math.max(...(counts as number[]))).to.be.below(1e9);
  });

  it("expires again when a failure is recorded after it was closed", () => {
    const app = new Process();
    const fail = (name: string): void => {
      const attributes = { "db.system.name": "sqlite", "db.namespace": name, "error.type": "TypeError" };
      app.metrics.instrument(DURATION).bind(attributes).record(1);
    };
    for (let i = 0; i < 1_000; i++) {
      app.use(1, `tenant${i} `);
      fail(`tenant${i} 0`);
    }
    app.use(1, "last");
    expect(app.series(DURATION).length).to.be.below(30);
    expect(sums(app.reader)[DURATION.name]).to.equal(2_001);
  });

  it("keeps its series while a worker has it open, and loses them when the worker has ended", () => {
    const app = new Process();
    app.open("main");
    const instrument = app.metrics.instrument(DURATION);
    const there = new MetricRegistry().instrument(DURATION).bind({});
    const attributes = { "db.system.name": "sqlite", "db.namespace": "worker" };
    const size = { ...attributes, "storage.file.type": "table" } as const;
    const letGoSize = app.metrics.instrument(SPACE).share(size, there.startTime, new Float64Array([4096]));
    const letGo = instrument.share(attributes, there.startTime, there.numbers);
    there.record(1e6);
    for (let i = 0; i < 5; i++, app.time += HOUR) app.reader.collectNow();
    expect(app.series(DURATION)).to.deep.equal(["main", "worker"]);
    expect(sums(app.reader)[SPACE.name]).to.equal(2 * 4096);
    letGo();
    letGoSize();
    expect(sums(app.reader)[DURATION.name]).to.equal(2);
    expect(app.series(SPACE)).to.deep.equal(["main"]);
    for (let i = 0; i < 5; i++, app.time += HOUR) app.reader.collectNow();
    expect(app.series(DURATION)).to.deep.equal(["main"]);
  });

  it("takes no memory beyond the maximum number of remembered databases", () => {
    const app = new Process();
    app.use(2_000, "tenant");
    app.reader.collectNow();
    const used = (): number => {
      collectGarbage();
      // The memory of buffers that the first one found is given back before the second.
      collectGarbage();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    const before = used();
    for (let i = 0; i < 20; i++, app.time += HOUR) {
      app.use(500, `round ${i} `);
      app.reader.collectNow();
    }
    expect(used() - before).to.be.below(10_000_000);
  });
});
