import { trace } from "@opentelemetry/api";
import { expect } from "chai";
import { describe, it } from "mocha";
import {
  ATTR_STORAGE_LEVEL_NUMBER,
  KIND_EVENT_STORAGE_WRITE_STALL,
  KIND_STORAGE_COMPACTION,
  KIND_STORAGE_SNAPSHOT,
  METRIC_STORAGE_LEVEL_FILE_COUNT,
} from "../../../semconv/index.ts";
import { database } from "../../../src/instrument/api.ts";
import { metricRegistry } from "../../../src/metrics/registry.ts";
import { collect, count, seriesWith, spansDuring, spansOf } from "../../helpers/observed.ts";

const open = (namespace: string) => database({ system: "test", namespace });

/** The value of a gauge or a sum, if it has one. */
async function valueOf(metric: string, namespace: string): Promise<number | undefined> {
  const [series] = (await seriesWith({ "db.namespace": namespace })).filter((each) => each.metric === metric);
  return series?.value;
}

describe("the instrumentation of an author's engine", () => {
  it("counts two transactions that are open at once, and the age of the older one", async () => {
    const db = open("two at once");
    const [first, second] = [db.transaction("optimistic"), db.transaction("optimistic")];
    expect(await valueOf("storage.transaction.active", "two at once")).to.equal(2);
    first.committed();
    first.committed();
    expect(await valueOf("storage.transaction.active", "two at once")).to.equal(1);
    expect(await valueOf("storage.transaction.oldest_age", "two at once")).to.be.above(0);
    second.rolledBack();
    expect(await valueOf("storage.transaction.active", "two at once")).to.equal(0);
    expect(await valueOf("storage.transaction.oldest_age", "two at once")).to.equal(0);
  });

  it("counts an operation on the transaction it runs in, also after an await, and on no other", async () => {
    const db = open("after await");
    const put = db.operation("write", { name: "put" });
    const spans = await spansDuring(async () => {
      const [first, second] = [db.transaction("optimistic"), db.transaction("optimistic")];
      const work = async (writes: number): Promise<void> => {
        for (let i = 0; i < writes; i++) await put.run(async () => undefined);
      };
      await Promise.all([
        first.run(() => work(3)),
        second.run(() => work(1)),
        put.run(async () => undefined, undefined, second),
      ]);
      second.rolledBack();
      first.committed();
    });
    const statements = spans.flatMap(({ attributes }) => attributes["storage.transaction.statements"] ?? []);
    expect(statements).to.deep.equal([2, 3]);
    expect(spans.at(-1)!.attributes["storage.rollup.write.operations"]).to.equal(5);
  });

  it("makes a span of the application inside of a transaction the transaction's child", () => {
    const db = open("inside");
    const spans = spansOf(() => {
      const transaction = db.transaction("optimistic");
      transaction.run(() => trace.getTracer("app").startSpan("theirs").end());
      transaction.committed();
    });
    const [theirs, transaction] = spans;
    expect(theirs!.parentSpanContext?.spanId).to.equal(transaction!.spanContext().spanId);
  });

  it("shows background work as the root of a trace, linked to what caused it", () => {
    const db = open("background");
    const spans = spansOf(() => {
      const links = [{ context: trace.getActiveSpan()!.spanContext() }];
      db.begin(KIND_STORAGE_COMPACTION, { parent: "none", links }).end({ bytes: 10 });
    });
    const [compaction, request] = spans;
    expect(compaction!.parentSpanContext).to.equal(undefined);
    expect(compaction!.links.map(({ context }) => context.spanId)).to.deep.equal([request!.spanContext().spanId]);
  });

  it("gives work that is known afterwards its own start and end, beside any request", () => {
    const db = open("afterwards");
    const [compaction] = spansOf(() => {
      db.completed(KIND_STORAGE_COMPACTION, {
        startUnixNanos: 1_700_000_000_000_000_005n,
        endUnixNanos: 1_700_000_001_000_000_007n,
      });
    });
    expect(compaction!.startTime).to.deep.equal([1_700_000_000, 5]);
    expect(compaction!.endTime).to.deep.equal([1_700_000_001, 7]);
  });

  it("limits the spans of background work, and counts all of it", async () => {
    const db = open("many");
    const spans = spansOf(() => {
      for (let i = 0; i < 100; i++) db.begin(KIND_STORAGE_COMPACTION, { parent: "none" }).end();
    });
    expect(spans).to.have.length(61);
    expect(await count("storage.compaction.duration", { "db.namespace": "many" })).to.equal(100);
  });

  it("shows a snapshot for as long as it is open", async () => {
    const db = open("views");
    const [first, second] = [1, 2].map(() => db.begin(KIND_STORAGE_SNAPSHOT, { holdsSnapshot: true }));
    expect(await valueOf("storage.snapshot.active", "views")).to.equal(2);
    first!.end();
    second!.end();
    expect(await valueOf("storage.snapshot.active", "views")).to.equal(0);
  });

  it("ends open activities when the database is closed, transactions by a rollback", async () => {
    const db = open("left open");
    db.begin(KIND_STORAGE_SNAPSHOT, { holdsSnapshot: true });
    db.transaction("optimistic");
    const ended = (): Promise<number> =>
      count("storage.transaction.duration", { "db.namespace": "left open", "storage.transaction.outcome": "rollback" });
    expect(await ended()).to.equal(0);
    db.close();
    expect(await ended()).to.equal(1);
    expect((await valueOf("storage.snapshot.active", "left open")) ?? 0).to.equal(0);
  });

  it("measures an iterator of any kind, without the time between its steps", async () => {
    const db = open("iterators");
    const scan = db.operation("read", { name: "scan" });
    function* plain(): Generator<number> {
      yield* [1, 2, 3];
    }
    async function* patient(): AsyncGenerator<number> {
      yield* plain();
    }
    const generator = plain();
    expect([...scan.iterate(generator)]).to.deep.equal([1, 2, 3]);
    const found: number[] = [];
    for await (const each of scan.iterate(patient())) {
      expect((await valueOf("storage.iterator.active", "iterators")) ?? 0).to.be.at.most(1);
      found.push(each);
      if (found.length === 2) break;
    }
    expect(found).to.deep.equal([1, 2]);
    expect([...plain()], "other generators are left alone").to.deep.equal([1, 2, 3]);
    expect(await count("db.client.operation.duration", { "db.namespace": "iterators" })).to.equal(2);
    expect(await count("storage.operation.records", { "db.namespace": "iterators" })).to.equal(5);
  });

  it("polls values until the database is closed, adds those of several instances, and drops values that are not set", async () => {
    const name = METRIC_STORAGE_LEVEL_FILE_COUNT.name;
    let levels = [3, 1];
    const databases = [1, 2].map(() => open("polled"));
    for (const db of databases) {
      db.collect({
        name: "levels",
        metrics: [METRIC_STORAGE_LEVEL_FILE_COUNT],
        collect(set) {
          levels.forEach((files, level) =>
            set(METRIC_STORAGE_LEVEL_FILE_COUNT, files, { [ATTR_STORAGE_LEVEL_NUMBER]: level }),
          );
        },
      });
    }
    expect(await count(name, { "db.namespace": "polled", [ATTR_STORAGE_LEVEL_NUMBER]: 0 })).to.equal(6);
    levels = [2];
    expect(await count(name, { "db.namespace": "polled", [ATTR_STORAGE_LEVEL_NUMBER]: 0 })).to.equal(4);
    expect(await count(name, { "db.namespace": "polled", [ATTR_STORAGE_LEVEL_NUMBER]: 1 })).to.equal(0);
    databases[0]!.close();
    expect(await count(name, { "db.namespace": "polled" })).to.equal(2);
  });

  it("counts the runs that have begun and not ended, without iterations", async () => {
    const [db, other] = [1, 2].map(() => database({ system: "counting", namespace: "active", primitive: "kv" }));
    const of = { "db.system.name": "counting" };
    const active = (): Promise<number> => count("storage.operation.active", of);
    const put = db!.operation("write", { name: "put" });
    const first = put.begin();
    const second = other!.operation("read", { name: "get" }).begin();
    let resolve = (): void => {};
    const pending = put.run(() => new Promise<void>((done) => (resolve = done)));
    put.iterate([1, 2].values());
    expect(put.run(() => 1)).to.equal(1);
    expect(await active()).to.equal(3);
    first.succeeded();
    first.failed(new Error("late"));
    second.failed(new Error("soon"));
    resolve();
    await pending;
    expect(await active()).to.equal(0);
    const [operation] = (await seriesWith(of)).filter(({ metric }) => metric === "db.client.operation.duration");
    expect(operation!.attributes).to.include({ "storage.primitive": "kv" });
    db!.close();
    other!.close();
  });

  it("counts a poll that fails, and has no values until one succeeds", async () => {
    const db = database({ system: "test failing", namespace: "failing" });
    let isBroken = false;
    db.collect({
      name: "now and then",
      metrics: [METRIC_STORAGE_LEVEL_FILE_COUNT],
      async collect(set) {
        set(METRIC_STORAGE_LEVEL_FILE_COUNT, 5, { [ATTR_STORAGE_LEVEL_NUMBER]: 0 });
        if (isBroken) throw new Error("broken");
      },
    });
    const values = async (): Promise<number> => {
      // An asynchronous poll has its values in the next collection.
      await collect();
      return count(METRIC_STORAGE_LEVEL_FILE_COUNT.name, { "db.namespace": "failing" });
    };
    expect(await values()).to.equal(5);
    isBroken = true;
    expect(await values()).to.equal(0);
    expect(await count("storage.collector.errors", { "db.system.name": "test failing" })).to.be.above(0);
    isBroken = false;
    expect(await values()).to.equal(5);
  });

  it("works without a started stratascope, and fails no call for invalid values", () => {
    const db = database({ system: ["test"] as never, namespace: Symbol("odd") as never });
    const get = db.operation("eat" as never, { name: undefined as never });
    expect(get.run(() => 7)).to.equal(7);
    expect(db.begin(undefined as never).run(() => 8)).to.equal(8);
    db.event(KIND_EVENT_STORAGE_WRITE_STALL, null as never);
    db.collect(undefined as never);
    for (const nothing of [undefined, null, {}] as never[]) {
      db.completed(KIND_STORAGE_COMPACTION, nothing);
      db.operation("read", nothing).succeeded(1);
      db.begin(KIND_STORAGE_COMPACTION, nothing).end(nothing);
    }
    for (const namespace of [5n, {}, Object.create(null)] as never[])
      database({ system: "test", namespace, sharedBy: namespace }).close();
    db.close();
    db.close();
    metricRegistry.poll();
  });
});
