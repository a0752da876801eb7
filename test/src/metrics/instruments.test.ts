import { expect } from "chai";
import { describe, it } from "mocha";
import {
  METRIC_STORAGE_SPACE_USAGE as SPACE,
  METRIC_STORAGE_TRANSACTION_ACTIVE as ACTIVE,
  METRIC_STORAGE_TRANSACTION_CONFLICTS as CONFLICTS,
} from "../../../semconv/index.ts";
import { HotMetrics, SERIES_LIMIT } from "../../../src/metrics/instruments.ts";

const cellsOf = <T>(instrument: { cells(): Iterable<T> }): T[] => [...instrument.cells()];

describe("an instrument", () => {
  it("is made once for a definition", () => {
    const metrics = new HotMetrics();
    expect(metrics.instrument(CONFLICTS)).to.equal(metrics.instrument({ ...CONFLICTS }));
    expect([...metrics.instruments()]).to.deep.equal([metrics.instrument(CONFLICTS)]);
  });

  it("has one series for the same attributes in any order", () => {
    const conflicts = new HotMetrics().instrument(CONFLICTS);
    const cell = conflicts.bind({ "db.system.name": "sqlite", "db.namespace": "a", "storage.conflict.reason": "busy" });
    cell.add(2);
    conflicts.bind({ "storage.conflict.reason": "busy", "db.namespace": "a", "db.system.name": "sqlite" }).add(3);
    expect(cellsOf(conflicts)).to.deep.equal([cell]);
    expect(cell.value).to.equal(5);
  });

  it("has a series each for the same value in different attributes", () => {
    const active = new HotMetrics().instrument(ACTIVE);
    active.bind({ "db.namespace": "a" }).add(1);
    active.bind({ "db.system.name": "a" }).add(10);
    active.bind({}).add(100);
    expect(cellsOf(active).map(({ attributes, value }) => [attributes, value])).to.deep.equal([
      [{ "db.namespace": "a" }, 1],
      [{ "db.system.name": "a" }, 10],
      [{}, 100],
    ]);
  });

  it("has a series each for values that look like parts of its own keys", () => {
    const space = new HotMetrics().instrument(SPACE);
    const sets = [
      { "db.system.name": "a\0b", "db.namespace": "c" },
      { "db.system.name": "a", "db.namespace": "b\0c" },
    ];
    const cells = sets.map((set) => space.bind(set));
    expect(cells.map(({ attributes }) => attributes)).to.deep.equal(sets);
  });

  it("keeps attributes out that its definition does not name, and those without a value", () => {
    const active = new HotMetrics().instrument(ACTIVE);
    const attributes = { "db.namespace": undefined, "db.system.name": "sqlite", "db.query.text": "SELECT 1" };
    active.bind(attributes).add(1);
    active.bind({ ...attributes, "db.query.text": "SELECT 2" } as typeof attributes).add(1);
    expect(cellsOf(active).map((cell) => [cell.attributes, cell.value])).to.deep.equal([
      [{ "db.system.name": "sqlite" }, 2],
    ]);
  });
});

describe("the limit of series", () => {
  const OVERFLOW = { "otel.metric.overflow": true };

  it("is 2,000, of which the last one takes what is beyond", () => {
    const active = new HotMetrics().instrument(ACTIVE);
    for (let i = 1; i <= SERIES_LIMIT - 1; i++) active.bind({ "db.namespace": `n${i}` }).add(1);
    expect(cellsOf(active).at(-1)!.attributes).to.deep.equal({ "db.namespace": "n1999" });
    for (let i = SERIES_LIMIT; i <= 3_000; i++) active.bind({ "db.namespace": `n${i}` }).add(1);
    expect(cellsOf(active)).to.have.length(2_000);
    expect(cellsOf(active).at(-1)).to.deep.include({ attributes: OVERFLOW, value: 1_001 });
  });

  it("loses nothing: all series add up to what was recorded", () => {
    const active = new HotMetrics(4).instrument(ACTIVE);
    for (let i = 0; i < 100; i++) active.bind({ "db.namespace": `n${i % 10}` }).add(i);
    const series = cellsOf(active).map(({ attributes, value }) => [attributes, value] as const);
    expect(series.map(([attributes]) => attributes)).to.deep.equal([
      ...["n0", "n1", "n2"].map((name) => ({ "db.namespace": name })),
      OVERFLOW,
    ]);
    expect(series[1]![1]).to.equal(1 + 11 + 21 + 31 + 41 + 51 + 61 + 71 + 81 + 91);
    expect(series.reduce((sum, [, value]) => sum + value, 0)).to.equal((99 * 100) / 2);
  });

  it("shows itself beside a series whose value is named like it", () => {
    const active = new HotMetrics(2).instrument(ACTIVE);
    active.bind({ "db.namespace": "overflow" }).add(1);
    active.bind({ "db.namespace": "beyond" }).add(10);
    expect(cellsOf(active).map(({ attributes, value }) => [attributes, value])).to.deep.equal([
      [{ "db.namespace": "overflow" }, 1],
      [OVERFLOW, 10],
    ]);
  });
});
