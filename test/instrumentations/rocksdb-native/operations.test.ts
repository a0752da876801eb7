import { existsSync, readdirSync, readlinkSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { describe, it } from "mocha";
import { openOwn } from "../../../instrumentations/rocksdb-native/round-trip.ts";
import { openDatabases } from "../../../src/instrument/open-instances.ts";
import { eventually } from "../../helpers/eventually.ts";
import { collect, copyOf, count, seriesWith, spansDuring, type Series } from "../../helpers/observed.ts";
import { seeded } from "../../helpers/random.ts";
import { temporaryFolder } from "../../helpers/temp.ts";
import { RocksDB, type Module } from "./rocksdb.ts";

const LETTERS = "abcdefghij".split("");

const folder = (name: string): string => join(temporaryFolder(), name);

async function filled(name: string, options?: object): Promise<RocksDB> {
  const db = new RocksDB(folder(name), options);
  const batch = db.write();
  for (const key of LETTERS) batch.tryPut(key, key);
  await batch.flush();
  batch.destroy();
  return db;
}

const values = async (name: string): Promise<Series[]> => seriesWith({ "db.namespace": name });

/** The runs and records of each summary. */
async function performed(name: string): Promise<Record<string, [runs: number, records: number]>> {
  const found: Record<string, [number, number]> = {};
  for (const { metric, attributes, value } of await values(name)) {
    const runs = metric === "db.client.operation.duration";
    if (!runs && metric !== "storage.operation.records") continue;
    const entry = (found[String(attributes["db.query.summary"])] ??= [0, 0]);
    entry[runs ? 0 : 1] += value;
  }
  return found;
}

describe("operations of rocksdb-native", () => {
  it("are counted once, with their records, as the package counts them", async () => {
    const db = await filled("rocks-counts", { columnFamilies: ["shelf"] });
    await db.put("x", "1");
    await Promise.all([db.get("x"), db.get("nothing"), db.get("a")]);
    await db.delete("x");
    await db.deleteRange("a", "c");
    const batch = db.write();
    batch.tryPut("y", "1");
    void batch.delete("j");
    batch.tryDeleteRange("c", "d");
    batch.tryFlush();
    await eventually(async () => (await db.get("y")) !== null);
    await batch.flush().catch(() => undefined);
    batch.destroy();
    const reads = db.read();
    const found = Promise.all([reads.get("y"), reads.get("nothing")]);
    reads.tryFlush();
    await found;
    reads.destroy();
    const shelf = db.columnFamily("shelf");
    await shelf.put("a", "b");
    await shelf.get("a");
    await shelf.close();
    const gets = db.stats["gets"]!;
    await db.close();
    const all = await performed("rocks-counts");
    expect(all["get"]![0] + all["get shelf"]![0] + 2).to.equal(gets);
    expect(all["get"]![1]).to.be.at.least(3);
    const { get: _, ...others } = all;
    expect(others).to.deep.equal({
      open: [1, 0],
      close: [1, 0],
      // The one of the application that flushes an empty batch included.
      write: [3, 12],
      put: [1, 1],
      delete: [1, 1],
      deleteRange: [1, 0],
      read: [1, 1],
      "put shelf": [1, 1],
      "get shelf": [1, 1],
    });
    const [series] = (await values("rocks-counts")).filter(({ attributes }) => attributes["db.collection.name"]);
    expect(series!.attributes["db.collection.name"]).to.equal("shelf");
  });

  it("are one for each iterator, with what it returned, in the time of the engine", async () => {
    const db = await filled("rocks-iterators");
    for await (const _ of db.iterator({ gte: "c" }, { capacity: 3 })) await sleep(10);
    for await (const _ of db.keys({ lt: "c" }));
    for await (const _ of db.iterator()) break;
    await db.peek({ gt: "b" });
    db.iterator().destroy();
    await db.close();
    const all = await performed("rocks-iterators");
    expect(all["keys"]).to.deep.equal([1, 2]);
    expect(all["peek"]).to.deep.equal([1, 1]);
    expect(all["iterator"]![0]).to.equal(3);
    // The stream reads ahead.
    expect(all["iterator"]![1]).to.be.within(8 + 1, 8 + 10);
    const durations = (await collect()).find(({ descriptor }) => descriptor.name === "db.client.operation.duration")!;
    const sums = durations.dataPoints
      .filter(
        ({ attributes: { "db.namespace": name, "db.operation.name": of } }) =>
          name === "rocks-iterators" && of === "iterator",
      )
      .map(({ value }) => (value as { sum: number }).sum);
    expect(sums.reduce((a, b) => a + b)).to.be.below(0.08);
  });

  it("that fail have the code of the engine, and are spans of the request", async () => {
    const db = await filled("rocks-failures");
    const spans = await spansDuring(async () => {
      await new RocksDB(db.path).ready().catch(() => undefined);
    });
    await db.close();
    const failed = spans.find(({ name }) => name === "open")!;
    expect(failed.attributes["error.type"]).to.equal("EIO");
    expect(failed.parentSpanContext?.spanId).to.equal(
      spans.find(({ name }) => name === "request")!.spanContext().spanId,
    );
  });

  it("that wait for the end of a suspension are counted when they end", async () => {
    const db = await filled("rocks-suspended");
    await db.suspend();
    await collect();
    const put = db.put("x", "1");
    expect((await performed("rocks-suspended"))["put"]?.[0] ?? 0).to.equal(0);
    await db.resume();
    await put;
    await db.close();
    const { suspend, resume, put: puts } = await performed("rocks-suspended");
    expect([suspend, resume, puts]).to.deep.equal([
      [1, 0],
      [1, 0],
      [1, 1],
    ]);
  });

  it("of a health check, in a database of its own, are not counted", async () => {
    const db = (await openOwn(RocksDB, folder("rocks-own")))!;
    await db.set("a", "b");
    expect(await db.get("a")).to.equal("b");
    await db.delete("a");
    expect(await db.get("a")).to.equal(undefined);
    await db.close();
    expect(await values("rocks-own")).to.deep.equal([]);
  });

  it("leave the same data as without us, at random", async () => {
    const run = async (module: Module, name: string): Promise<unknown[]> => {
      const random = seeded(7);
      const key = (): string => `secret-${Math.floor(random() * 200)}`;
      const db = new module(folder(name), { writeBufferSize: 64 * 1024 });
      const answers: unknown[] = [];
      const steps: ((each: number) => Promise<unknown>)[] = [
        async (each) => db.put(key(), `secret-value-${each}`.repeat(40)),
        async () => String(await db.get(key())),
        async () => db.delete(key()),
        async () => db.deleteRange("secret-10", "secret-11"),
        async (each) => {
          const batch = db.write();
          for (let i = 0; i < 20; i++) batch.tryPut(key(), `${each}-${i}`.repeat(100));
          await batch.flush();
          batch.destroy();
        },
        async () => String((await db.peek({ gte: key() }))?.key),
        async () => db.flush(),
        async () => db.compactRange(key(), "secret-99"),
      ];
      for (let i = 0; i < 400; i++) answers.push(await steps[Math.floor(random() ** 2 * steps.length)]!(i));
      for await (const entry of db.iterator()) answers.push([String(entry.key), String(entry.value)]);
      await db.close();
      return answers;
    };
    const bare = copyOf<Module>("rocksdb-native", false);
    expect(await run(RocksDB, "rocks-random")).to.deep.equal(await run(bare, "rocks-random-bare"));
    expect(JSON.stringify(await collect())).to.not.contain("secret-");
  });
});

describe("snapshots of rocksdb-native", () => {
  it("are open until their last session ends, with their age, as the engine counts them", async () => {
    const of = { "db.namespace": "rocks-snapshots" };
    const db = await filled("rocks-snapshots");
    const [first, second] = [db.snapshot(), db.snapshot()];
    const again = first.session();
    await sleep(20);
    expect(await count("storage.snapshot.active", of)).to.equal(Number(await db.getProperty("rocksdb.num-snapshots")));
    expect(await count("storage.snapshot.oldest_age", of)).to.be.above(0.015);
    await first.close();
    expect(await count("storage.snapshot.active", of)).to.equal(2);
    await again.close();
    await second.close();
    expect(await count("storage.snapshot.active", of)).to.equal(0);
    expect(await count("storage.snapshot.duration", of)).to.equal(2);
    await db.close();
  });

  it("are taken when the database is opened, if they were asked for before", async () => {
    const of = { "db.namespace": "rocks-early" };
    const db = new RocksDB(folder("rocks-early"));
    const snapshot = db.snapshot();
    expect(await count("storage.snapshot.active", of)).to.equal(0);
    await db.ready();
    expect(await count("storage.snapshot.active", of)).to.equal(1);
    await snapshot.close();
    await db.close();
    expect(await count("storage.snapshot.duration", of)).to.equal(1);
  });
});

describe("databases of rocksdb-native", () => {
  it("have what the engine says of itself while they are open, and none of it afterwards", async () => {
    const of = { "db.namespace": "rocks-values" };
    const db = await filled("rocks-values", { columnFamilies: ["shelf"], enableBlobFiles: true, minBlobSize: 1_000 });
    const shelf = db.columnFamily("shelf");
    await db.put("large", "x".repeat(100_000));
    await db.flush();
    await shelf.put("a", "b");
    await shelf.flush();
    const metrics = async (): Promise<string[]> => (await values("rocks-values")).map(({ metric }) => metric);
    await collect();
    await eventually(async () => (await metrics()).includes("storage.level.file.count"));
    const files = readdirSync(db.path);
    const sized = (pattern: RegExp): number =>
      files.filter((name) => pattern.test(name)).reduce((sum, name) => sum + statSync(join(db.path, name)).size, 0);
    const level0 = { ...of, "storage.level.number": 0 };
    expect(await count("storage.level.file.count", level0)).to.equal(2);
    expect(await count("storage.level.size", level0)).to.equal(sized(/\.sst$/));
    expect(await count("storage.amplification.read", of)).to.equal(1);
    expect(await count("storage.space.allocated", { ...of, "storage.space.state": "live" })).to.be.closeTo(
      sized(/\.(?:sst|blob)$/),
      100,
    );
    const memory = { ...of, "storage.memory.component": "memtable" };
    expect(await count("storage.memory.usage", memory)).to.be.above(0);
    expect(await count("storage.compaction.pending", of)).to.equal(0);
    const cache = { "storage.cache.name": "rocks-values block cache" };
    expect(await count("storage.cache.limit", cache)).to.equal(2 * 32 * 1024 * 1024);
    await eventually(async () => (await metrics()).includes("storage.space.usage"));
    const blobs = { ...of, "storage.file.type": "value_log" };
    expect(await count("storage.space.usage", blobs)).to.equal(sized(/\.blob$/));
    const [open] = [...openDatabases()].filter(
      ({ database }) => database.attributes["db.namespace"] === "rocks-values",
    );
    expect(open!.version()).to.match(/^\d+\.\d+\.\d+$/);
    await shelf.close();
    await db.close();
    const left = (await values("rocks-values")).filter(
      ({ metric, value }) => /level\.|space\.|memory|wal\.size|stall\.status/.test(metric) && value !== 0,
    );
    expect(left).to.deep.equal([]);
  });

  it("have the counters of the engine if the application has it count, and no others", async () => {
    const { EXCEPT_DETAILED_TIMERS } = RocksDB.constants["statsLevel"]!;
    const counting = await filled("rocks-counting", { enableStatistics: true, statsLevel: EXCEPT_DETAILED_TIMERS });
    const other = await filled("rocks-other");
    const cache = { "storage.cache.name": "rocks-counting block cache" };
    await counting.flush();
    for (let i = 0; i < 5; i++) await counting.get("a");
    await collect();
    await eventually(async () => (await count("storage.cache.requests", cache)) > 0);
    const statistics = (await counting.getProperty("rocksdb.options-statistics"))!;
    const of = (name: string): number =>
      Number(new RegExp(`^rocksdb\\.${name} COUNT : (\\d+)`, "m").exec(statistics)![1]);
    const miss = { ...cache, "storage.cache.result": "miss" };
    expect(await count("storage.cache.requests", { ...cache, "storage.cache.result": "hit" })).to.equal(
      of("block.cache.hit"),
    );
    expect(await count("storage.cache.requests", miss)).to.equal(of("block.cache.miss"));
    const io = { "db.namespace": "rocks-counting", "storage.file.type": "wal" };
    expect(await count("storage.file.io", io)).to.equal(of("wal.bytes"));
    expect(await count("storage.file.operation.time", { "db.namespace": "rocks-counting" })).to.be.above(0);
    expect((await values("rocks-other")).filter(({ metric }) => metric.startsWith("storage.file."))).to.deep.equal([]);
    await counting.close();
    await other.close();
  });

  it("are closed while they are asked", async () => {
    for (let i = 0; i < 20; i++) {
      const db = await filled(`rocks-closing-${i}`, { columnFamilies: ["a", "b", "c"] });
      const asked = collect();
      const closing = db.close();
      await Promise.all([asked, collect(), closing]);
      const rest = await values(`rocks-closing-${i}`);
      expect(rest.filter(({ metric, value }) => metric === "storage.level.file.count" && value > 0)).to.deep.equal([]);
    }
    const errors = await seriesWith({ "db.system.name": "rocksdb" });
    expect(errors.filter(({ metric, value }) => metric === "storage.collector.errors" && value > 0)).to.deep.equal([]);
  });

  it("lose nothing but what its log would say if that is truncated by another program, and keep no file open", async () => {
    const db = await filled("rocks-truncated");
    await db.flush();
    await collect();
    truncateSync(join(db.path, "LOG"), 0);
    await collect();
    await db.put("x", "1");
    await db.flush();
    await db.close();
    const flushes = await count("storage.flush.duration", { "db.namespace": "rocks-truncated" });
    expect(flushes).to.equal(2);
    if (!existsSync("/proc/self/fd")) return;
    const open = readdirSync("/proc/self/fd").flatMap((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`);
      } catch {
        return [];
      }
    });
    expect(open.filter((path) => path.startsWith(db.path))).to.deep.equal([]);
  });
});
