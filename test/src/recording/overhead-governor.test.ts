import type { DataPoint, Histogram } from "@opentelemetry/sdk-metrics";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { databaseIdentity, Instance } from "../../../src/recording/instance.ts";
import { timingPolicy } from "../../../src/recording/overhead-governor.ts";
import { Boundary, OperationKind } from "../../../src/recording/operation-kind.ts";
import type { OperationInfo } from "../../../src/recording/operation-info.ts";
import { Operation } from "../../../src/instrument/operation.ts";
import { collect, count } from "../../helpers/observed.ts";
import { seeded } from "../../helpers/random.ts";

const READ: OperationInfo = {
  kind: OperationKind.READ,
  boundary: Boundary.NONE,
  statements: 1,
  name: "SELECT",
  summary: "SELECT kv",
};

const DURATION = "db.client.operation.duration";

/** Sum and number of the longer ones of a database's durations, and the interval that is shown. */
async function seen(namespace: string): Promise<{ sum: number; slow: number; interval: number }> {
  const metric = (await collect()).find(({ descriptor }) => descriptor.name === DURATION);
  const points = (metric?.dataPoints ?? []).filter(({ attributes }) => attributes["db.namespace"] === namespace);
  let [sum, slow] = [0, 0];
  for (const { value } of points as DataPoint<Histogram>[]) {
    sum += value.sum!;
    value.buckets.counts.forEach((counted, i) => {
      if (value.buckets.boundaries[i - 1]! >= 5e-6) slow += counted;
    });
  }
  return { sum, slow, interval: await count("storage.instrumentation.timing_interval", { "db.namespace": namespace }) };
}

const random = seeded(7);
const CHANCES = Float64Array.from({ length: 100_003 }, random);

describe("the governor", () => {
  // A run each microsecond, whatever else the machine does.
  let time = 0n;
  const { clock } = timingPolicy;
  before(() => Object.assign(timingPolicy, { ratio: 1e-4, clock: () => time }));
  after(() => Object.assign(timingPolicy, { ratio: 0, clock }));

  /** Runs an operation as a probe does; how long it takes is asked only of what is timed. @returns how many were */
  function run(operation: Operation, times: number, nanoseconds: (i: number) => number): number {
    let timed = 0;
    for (let i = 0; i < times; i++) {
      time += 1_000n;
      if (operation.skipsTiming()) {
        operation.repeated(1);
        continue;
      }
      timed++;
      operation.succeeded(nanoseconds(i), 1);
    }
    return timed;
  }

  for (const [pattern, nanoseconds] of Object.entries({
    "take turns": (i: number) => (i % 2 === 0 ? 1_000 : 10_000),
    "come ten at a time": (i: number) => (i % 100 < 90 ? 1_000 : 10_000),
    "come by chance": (i: number) => (CHANCES[i % CHANCES.length]! < 0.1 ? 10_000 : 1_000),
  })) {
    it(`counts exactly and keeps the distribution of durations that ${pattern}`, async () => {
      const namespace = `governed, ${pattern}`;
      const operation = new Operation(new Instance(databaseIdentity("test", namespace)), READ);
      const runs = 3_000_000;
      const timed = run(operation, runs, nanoseconds);
      expect(timed).to.be.within(runs / 64, runs / 8);
      expect(await count(DURATION, { "db.namespace": namespace })).to.equal(runs);
      expect(await count("storage.operation.records", { "db.namespace": namespace })).to.equal(runs);
      let [sum, slow] = [0, 0];
      for (let i = 0; i < runs; i++) {
        const each = nanoseconds(i);
        sum += each / 1e9;
        if (each > 5_000) slow++;
      }
      const { interval, ...found } = await seen(namespace);
      expect(interval).to.be.greaterThan(8);
      expect(found.sum).to.be.within(0.95 * sum, 1.05 * sum);
      expect(found.slow).to.be.within(0.93 * slow, 1.07 * slow);
    });
  }

  it("times every run of a usually long operation, and of a rare one", async () => {
    const database = new Instance(databaseIdentity("test", "governed, slow"));
    run(new Operation(database, READ), 1_000_000, () => 1_000);
    const slow = new Operation(database, { ...READ, summary: "SELECT everything" });
    expect(run(slow, 5_000, () => 1e6)).to.equal(5_000);
    const calm = new Operation(new Instance(databaseIdentity("test", "calm")), READ);
    expect(run(calm, 500, () => 1_000)).to.equal(500);
    expect((await seen("calm")).interval).to.equal(1);
  });

  it("always times operations that may commit", () => {
    const database = new Instance(databaseIdentity("test", "governed, writes"));
    run(new Operation(database, READ), 1_000_000, () => 1_000);
    const write = {
      ...READ,
      kind: OperationKind.WRITE,
      boundary: Boundary.WRITE,
      name: "INSERT",
      summary: "INSERT kv",
    };
    expect(run(new Operation(database, write), 1_000, () => 1_000)).to.equal(1_000);
  });
});
