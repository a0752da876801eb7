import { expect } from "chai";
import { describe, it } from "mocha";
import {
  METRIC_STORAGE_COMPACTION_PENDING,
  METRIC_STORAGE_SEARCH_SEGMENTS,
  type MetricDefinition,
} from "../../../semconv/index.ts";
import { database, type ObservedDatabase } from "../../../src/instrument/api.ts";
import type { SetValue } from "../../../src/instrument/collectors.ts";
import { count, seriesWith } from "../../helpers/observed.ts";

const SUM = METRIC_STORAGE_COMPACTION_PENDING;
const GAUGE = METRIC_STORAGE_SEARCH_SEGMENTS;

const sumOf = (namespace: string): Promise<number> => count(SUM.name, { "db.namespace": namespace });

/** The values of a gauge, one for each series. */
const gaugesOf = async (namespace: string): Promise<number[]> =>
  (await seriesWith({ "db.namespace": namespace })).flatMap(({ metric, value }) =>
    metric === GAUGE.name ? [value] : [],
  );

const polled = (
  db: ObservedDatabase,
  collect: (set: SetValue) => void | Promise<void>,
  more: { metric?: MetricDefinition; minIntervalMs?: number } = {},
): void => db.collect({ name: "values", metrics: [more.metric ?? SUM], collect, ...more });

describe("the collectors of an author's engine", () => {
  it("are polled once only, if that is the interval, and keep no other from being polled", async () => {
    for (const minIntervalMs of [Infinity, NaN]) {
      const db = database({ system: "test", namespace: `interval ${minIntervalMs}` });
      polled(db, (set) => set(SUM, 3), { minIntervalMs });
    }
    const other = database({ system: "test", namespace: "after the odd ones" });
    let value = 1;
    polled(other, (set) => set(SUM, value));
    expect(await sumOf("after the odd ones")).to.equal(1);
    value = 2;
    expect(await sumOf("after the odd ones")).to.equal(2);
    expect(await sumOf("interval Infinity")).to.equal(3);
  });

  it("may return something that is not a promise", async () => {
    const db = database({ system: "test no promise", namespace: "no promise" });
    polled(db, ((set: SetValue) => (set(SUM, 3), false)) as never);
    expect(await sumOf("no promise")).to.equal(3);
    expect(await count("storage.collector.errors", { "db.system.name": "test no promise" })).to.equal(0);
  });

  it("may set values after they have returned, which are ignored", async () => {
    const db = database({ system: "test", namespace: "late" });
    let late: SetValue | undefined;
    polled(db, (set) => {
      late?.(SUM, 100);
      late = set;
      set(SUM, 3);
    });
    for (let i = 0; i < 3; i++) expect(await sumOf("late")).to.equal(3);
  });

  it("may close the database, whose values end then", async () => {
    const [db, other] = [1, 2].map(() => database({ system: "test", namespace: "closed within" }));
    polled(other!, (set) => set(SUM, 1));
    polled(db!, (set) => {
      set(SUM, 10);
      db!.close();
    });
    expect(await sumOf("closed within")).to.equal(1);
  });

  it("may fail because the database was closed, which is no error", async () => {
    const db = database({ system: "test closing", namespace: "closing" });
    const { promise, reject } = Promise.withResolvers<void>();
    polled(db, () => promise);
    await sumOf("closing");
    db.close();
    reject(new Error("the engine is closed"));
    await promise.catch(() => {});
    expect(await count("storage.collector.errors", { "db.system.name": "test closing" })).to.equal(0);
  });

  it("have no value that was not set, rather than 0, until it is set again", async () => {
    const db = database({ system: "test", namespace: "unset" });
    let value: number | undefined = 3;
    polled(db, (set) => {
      if (value !== undefined) set(SUM, value);
    });
    const seen = async (): Promise<number[]> =>
      (await seriesWith({ "db.namespace": "unset" })).flatMap((each) => (each.metric === SUM.name ? [each.value] : []));
    expect(await seen()).to.deep.equal([3]);
    value = undefined;
    expect(await seen()).to.deep.equal([]);
    value = 0;
    expect(await seen()).to.deep.equal([0]);
  });

  it("report shared values of databases once, until the last of them is closed", async () => {
    const shared = [1, 2, 3].map(() => database({ system: "test", namespace: "shared", sharedBy: "/data" }));
    for (const db of shared.slice(1)) polled(db, (set) => set(SUM, 5));
    expect(await sumOf("shared")).to.equal(5);
    shared[1]!.close();
    expect(await sumOf("shared")).to.equal(5);
    shared[2]!.close();
    expect(await sumOf("shared")).to.equal(0);
  });

  it("keep a gauge that another database with the same attributes set last", async () => {
    const [first, second] = [1, 2].map(() => database({ system: "test", namespace: "same gauge" }));
    polled(first!, (set) => set(GAUGE, 1), { metric: GAUGE });
    polled(second!, (set) => set(GAUGE, 2), { metric: GAUGE, minIntervalMs: Infinity });
    await gaugesOf("same gauge");
    first!.close();
    expect(await gaugesOf("same gauge")).to.deep.equal([2]);
  });
});
