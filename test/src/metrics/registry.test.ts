import type { Attributes, HrTime } from "@opentelemetry/api";
import { expect } from "chai";
import { describe, it } from "mocha";
import {
  METRIC_DB_CLIENT_OPERATION_DURATION as DURATION,
  METRIC_STORAGE_SPACE_USAGE as SPACE,
  METRIC_STORAGE_TRANSACTION_ACTIVE as ACTIVE,
  METRIC_STORAGE_TRANSACTION_CONFLICTS as CONFLICTS,
  METRIC_STORAGE_TRANSACTION_OLDEST_AGE as AGE,
  type MetricDefinition,
} from "../../../semconv/index.ts";
import { MetricRegistry, SERIES_LIMIT } from "../../../src/metrics/registry.ts";

const allSeries = <T>(instrument: { series(): Iterable<T> }): T[] => [...instrument.series()];

describe("an instrument", () => {
  it("is made once for a definition", () => {
    const metrics = new MetricRegistry();
    expect(metrics.instrument(CONFLICTS)).to.equal(metrics.instrument({ ...CONFLICTS }));
    expect([...metrics.instruments()]).to.deep.equal([metrics.instrument(CONFLICTS)]);
  });

  it("has one series for the same attributes in any order", () => {
    const conflicts = new MetricRegistry().instrument(CONFLICTS);
    const series = conflicts.bind({
      "db.system.name": "sqlite",
      "db.namespace": "a",
      "storage.conflict.reason": "busy",
    });
    series.add(2);
    conflicts.bind({ "storage.conflict.reason": "busy", "db.namespace": "a", "db.system.name": "sqlite" }).add(3);
    expect(allSeries(conflicts)).to.deep.equal([series]);
    expect(series.value).to.equal(5);
  });

  it("has a series each for the same value in different attributes", () => {
    const active = new MetricRegistry().instrument(ACTIVE);
    active.bind({ "db.namespace": "a" }).add(1);
    active.bind({ "db.system.name": "a" }).add(10);
    active.bind({}).add(100);
    expect(allSeries(active).map(({ attributes, value }) => [attributes, value])).to.deep.equal([
      [{ "db.namespace": "a" }, 1],
      [{ "db.system.name": "a" }, 10],
      [{}, 100],
    ]);
  });

  it("has a series each for values that look like parts of its own keys", () => {
    const space = new MetricRegistry().instrument(SPACE);
    const sets = [
      { "db.system.name": "a\0b", "db.namespace": "c" },
      { "db.system.name": "a", "db.namespace": "b\0c" },
    ];
    const series = sets.map((set) => space.bind(set));
    expect(series.map(({ attributes }) => attributes)).to.deep.equal(sets);
  });

  it("keeps attributes out that its definition does not name, and those without a value", () => {
    const active = new MetricRegistry().instrument(ACTIVE);
    const attributes = { "db.namespace": undefined, "db.system.name": "sqlite", "db.query.text": "SELECT 1" };
    active.bind(attributes).add(1);
    active.bind({ ...attributes, "db.query.text": "SELECT 2" } as typeof attributes).add(1);
    expect(allSeries(active).map((series) => [series.attributes, series.value])).to.deep.equal([
      [{ "db.system.name": "sqlite" }, 2],
    ]);
  });
});

describe("the limit of series", () => {
  const OVERFLOW = { "otel.metric.overflow": true };

  it("is 2,000, with the overflow series as the last one", () => {
    const active = new MetricRegistry().instrument(ACTIVE);
    for (let i = 1; i <= SERIES_LIMIT - 1; i++) active.bind({ "db.namespace": `n${i}` }).add(1);
    expect(allSeries(active).at(-1)!.attributes).to.deep.equal({ "db.namespace": "n1999" });
    for (let i = SERIES_LIMIT; i <= 3_000; i++) active.bind({ "db.namespace": `n${i}` }).add(1);
    expect(allSeries(active)).to.have.length(2_000);
    expect(allSeries(active).at(-1)).to.deep.include({ attributes: OVERFLOW, value: 1_001 });
  });

  it("loses nothing: all series add up to what was recorded", () => {
    const active = new MetricRegistry(4).instrument(ACTIVE);
    for (let i = 0; i < 100; i++) active.bind({ "db.namespace": `n${i % 10}` }).add(i);
    const series = allSeries(active).map(({ attributes, value }) => [attributes, value] as const);
    expect(series.map(([attributes]) => attributes)).to.deep.equal([
      ...["n0", "n1", "n2"].map((name) => ({ "db.namespace": name })),
      OVERFLOW,
    ]);
    expect(series[1]![1]).to.equal(1 + 11 + 21 + 31 + 41 + 51 + 61 + 71 + 81 + 91);
    expect(series.reduce((sum, [, value]) => sum + value, 0)).to.equal((99 * 100) / 2);
  });

  it("keeps the overflow series apart from a series with an equal attribute value", () => {
    const active = new MetricRegistry(2).instrument(ACTIVE);
    active.bind({ "db.namespace": "overflow" }).add(1);
    active.bind({ "db.namespace": "beyond" }).add(10);
    expect(allSeries(active).map(({ attributes, value }) => [attributes, value])).to.deep.equal([
      [{ "db.namespace": "overflow" }, 1],
      [OVERFLOW, 10],
    ]);
  });
});

describe("series of several threads", () => {
  const START: HrTime = [1_000, 0];

  /** What another thread has of a series, and what this one makes of both. */
  function shared<D extends MetricDefinition>(definition: D, limit?: number) {
    const instrument = new MetricRegistry(limit).instrument(definition);
    const other = new MetricRegistry(limit).instrument(definition);
    const share = (attributes: Attributes) =>
      instrument.share(attributes, START, other.bind(attributes as never).numbers);
    const totals = (): number[][] =>
      allSeries(instrument).map((series) => [...instrument.mergedNumbers(series)].filter((number) => number !== 0));
    return { instrument, other, share, totals };
  }

  it("add up, and keep their counts when one of the threads has ended", () => {
    const { instrument, other, share, totals } = shared(CONFLICTS);
    const end = share({ "db.namespace": "a" });
    other.bind({ "db.namespace": "a" }).add(3);
    expect(totals()).to.deep.equal([[3]]);
    instrument.bind({ "db.namespace": "a" }).add(4);
    expect(totals()).to.deep.equal([[7]]);
    expect(allSeries(instrument)[0]!.startTime).to.equal(START);
    end();
    expect(totals()).to.deep.equal([[7]]);
    instrument.bind({ "db.namespace": "a" }).add(1);
    expect(totals()).to.deep.equal([[8]]);
  });

  it("lose the open counts of a thread that has ended", () => {
    const { instrument, other, share, totals } = shared(ACTIVE);
    const end = share({});
    other.bind({}).add(3);
    instrument.bind({}).add(1);
    expect(totals()).to.deep.equal([[4]]);
    end();
    expect(totals()).to.deep.equal([[1]]);
  });

  it("have the largest of their ages, even if one is not set", () => {
    const { instrument, other, share } = shared(AGE);
    const value = (): number => instrument.mergedNumbers(allSeries(instrument)[0]!)[0]!;
    const end = share({});
    expect(value()).to.be.NaN;
    other.bind({}).set(5);
    expect(value()).to.equal(5);
    instrument.bind({}).set(7);
    expect(value()).to.equal(7);
    instrument.bind({}).set(0);
    end();
    expect(value()).to.equal(5);
  });

  it("have one histogram", () => {
    const { instrument, other, share } = shared(DURATION);
    const end = share({});
    for (const value of [1_000, 1_001, 5e9]) other.bind({}).record(value);
    const series = instrument.bind({});
    series.record(20);
    const expected = { count: 4, sum: (1_000 + 1_001 + 5e9 + 20) / 1e9, max: 5 };
    expect(series.histogram(instrument.mergedNumbers(series))).to.deep.include(expected);
    end();
    expect(series.histogram(instrument.mergedNumbers(series))).to.deep.include(expected);
    expect(series.histogram(series.numbers)).to.deep.include(expected);
  });

  it("have a common limit, with one overflow series", () => {
    const { instrument, other, share, totals } = shared(ACTIVE, 4);
    instrument.bind({ "db.namespace": "own" }).add(1);
    for (const name of ["a", "b", "c"]) other.bind({ "db.namespace": name }).add(10);
    for (const name of ["d", "e"]) other.bind({ "db.namespace": name }).add(100);
    for (const name of ["a", "b", "c"]) share({ "db.namespace": name });
    share({ "otel.metric.overflow": true });
    instrument.bind({ "db.namespace": "late" }).add(1000);
    expect(allSeries(instrument).map(({ attributes }) => attributes)).to.deep.equal([
      { "db.namespace": "own" },
      { "db.namespace": "a" },
      { "db.namespace": "b" },
      { "otel.metric.overflow": true },
    ]);
    expect(totals()).to.deep.equal([[1], [10], [10], [1210]]);
  });
});
