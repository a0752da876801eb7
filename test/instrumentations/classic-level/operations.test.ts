import { cpSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type * as Package from "classic-level";
import type { ClassicLevel } from "classic-level";
import { expect } from "chai";
import { describe, it } from "mocha";
import { openDatabases } from "../../../src/instrument/open-instances.ts";
import { packagesOf } from "../../helpers/drivers.ts";
import { collect, count, seriesWith, spansDuring } from "../../helpers/observed.ts";
import { temporaryFolder } from "../../helpers/temp.ts";

const require = createRequire(import.meta.url);
const { ClassicLevel: Level } = require("classic-level") as typeof Package;
const { Level: AnotherName } = require("level") as { Level: typeof Level };
type Db = ClassicLevel;

const LETTERS = "abcdefghij".split("");

async function filled(name: string): Promise<Db> {
  const db = new Level(join(temporaryFolder(), name));
  await db.batch(LETTERS.map((key) => ({ type: "put", key, value: key })));
  return db;
}

/** The runs and records of each method. */
async function performed(name: string): Promise<Record<string, [runs: number, records: number]>> {
  const series = await seriesWith({ "db.namespace": name });
  const found: Record<string, [number, number]> = {};
  for (const { metric, attributes, value } of series) {
    const runs = metric === "db.client.operation.duration";
    if (!runs && metric !== "storage.operation.records") continue;
    const entry = (found[String(attributes["db.operation.name"])] ??= [0, 0]);
    entry[runs ? 0 : 1] += value;
  }
  return found;
}

async function durationOf(name: string, operation: string): Promise<number> {
  const metric = (await collect()).find(({ descriptor }) => descriptor.name === "db.client.operation.duration")!;
  const points = metric.dataPoints.filter(
    ({ attributes }) => attributes["db.namespace"] === name && attributes["db.operation.name"] === operation,
  );
  return points.reduce((sum, { value }) => sum + (value as { sum: number }).sum, 0);
}

describe("operations of classic-level", () => {
  it("are counted once, with their records, also through sublevels of sublevels and chained batches", async () => {
    const db = await filled("level-counts");
    const outer = db.sublevel("outer");
    const inner = outer.sublevel<string, object>("inner", { valueEncoding: "json" });
    await inner.put("x", {});
    await inner.batch([{ type: "put", key: "y", value: {} }]);
    await inner.batch().put("z", {}).del("y").write();
    await db.batch().put("w", "1", { sublevel: outer }).write();
    await inner.get("x");
    inner.getSync("x");
    await db.getMany(["a", "nothing", "b"]);
    await db.has("a");
    await db.hasMany(["a", "nothing"]);
    await db.del("nothing");
    await inner.clear();
    await db.close();
    expect(await performed("level-counts")).to.deep.equal({
      open: [1, 0],
      put: [1, 1],
      batch: [4, 14],
      get: [1, 1],
      getSync: [1, 1],
      getMany: [1, 2],
      has: [1, 1],
      hasMany: [1, 1],
      del: [1, 1],
      clear: [1, 0],
    });
  });

  it("are the same under the name of level", async () => {
    const db = new AnotherName(join(temporaryFolder(), "level-named"));
    await db.put("a", "b");
    await db.close();
    expect(await performed("level-named")).to.deep.equal({ open: [1, 0], put: [1, 1] });
  });

  it("are the same in version 2, as far as it has them", async () => {
    const copy = join(temporaryFolder(), "node_modules");
    for (const [name, folder] of packagesOf("classic-level-2"))
      cpSync(folder, join(copy, name.replace("-2", "")), {
        recursive: true,
        filter: (path) => !path.endsWith("/deps"),
      });
    const { ClassicLevel } = require(join(copy, "classic-level")) as typeof Package;
    const db = new ClassicLevel(join(temporaryFolder(), "level-2"));
    await db.put("a", "1");
    await db.batch().put("b", "2").del("c").write();
    const read = [await db.get("a"), await db.getMany(["a", "b", "c"]), await db.keys().all()];
    await db.compactRange("a", "z");
    await db.close();
    expect(read).to.deep.equal(["1", ["1", "2", undefined], ["a", "b"]]);
    expect(await performed("level-2")).to.deep.equal({
      open: [1, 0],
      put: [1, 1],
      batch: [1, 2],
      get: [1, 1],
      getMany: [1, 2],
      keys: [1, 2],
      compactRange: [1, 0],
    });
    expect(await count("storage.flush.duration", { "db.namespace": "level-2" })).to.equal(1);
  });

  it("are one for each iterator, with what it returned, however it is read and ended", async () => {
    const db = await filled("level-iterators");
    for await (const [key] of db.iterator()) if (key === "c") break;
    await db.iterator({ gte: "d" }).all();
    const iterator = db.iterator();
    await iterator.next();
    await iterator.nextv(2);
    iterator.seek("i");
    await iterator.nextv(100);
    await iterator.close();
    await db.keys({ limit: 4 }).all();
    for await (const _ of db.sublevel("none").values());
    await db.iterator().close();
    const open = db.iterator();
    await open.next();
    await db.close();
    expect(await performed("level-iterators")).to.deep.include({
      iterator: [5, 3 + 7 + 5 + 0 + 1],
      keys: [1, 4],
      values: [1, 0],
    });
  });

  it("take the time of the engine, not that between two steps", async () => {
    const db = await filled("level-time");
    for await (const _ of db.iterator()) await sleep(10);
    await db.close();
    expect(await durationOf("level-time", "iterator")).to.be.within(1e-6, 0.09);
  });

  it("that fail have the code of the package, and are spans of the request", async () => {
    const db = await filled("level-failures");
    const controller = new AbortController();
    const spans = await spansDuring(async () => {
      const other = new Level(db.location);
      await other.open().catch(() => {});
      const iterator = db.iterator({ signal: controller.signal });
      await iterator.next();
      controller.abort();
      await iterator.nextv(5).catch(() => {});
      await iterator.close();
    });
    await db.close();
    const failed = spans.filter(({ attributes }) => "error.type" in attributes);
    expect(failed.map(({ name, attributes }) => [name, attributes["error.type"]])).to.deep.include([
      "open",
      "LEVEL_LOCKED",
    ]);
    expect(new Set(failed.map(({ parentSpanContext }) => parentSpanContext?.spanId))).to.deep.equal(
      new Set([spans.at(-1)!.spanContext().spanId]),
    );
  });

  it("that are durable when they end have a summary of their own", async () => {
    const db = new Level(join(temporaryFolder(), "level-sync"));
    await db.put("a", "1", { sync: true });
    await db.batch([{ type: "del", key: "a" }], { sync: true });
    await db.batch().put("b", "2").write({ sync: true });
    await db.put("c", "3");
    await db.close();
    const runs = (summary: string): Promise<number> =>
      count("db.client.operation.duration", { "db.namespace": "level-sync", "db.query.summary": summary });
    expect(await Promise.all(["put", "put sync", "batch", "batch sync"].map(runs))).to.deep.equal([1, 1, 0, 2]);
  });
});

describe("snapshots of classic-level", () => {
  it("are open until they are closed, with their age, and so are iterators", async () => {
    const db = await filled("level-snapshots");
    const sublevel = db.sublevel("sub");
    await sublevel.open();
    const snapshot = sublevel.snapshot();
    const iterator = db.iterator();
    await sleep(20);
    const of = { "db.namespace": "level-snapshots" };
    expect(await count("storage.snapshot.active", of)).to.equal(2);
    expect(await count("storage.iterator.active", of)).to.equal(1);
    expect(await count("storage.snapshot.oldest_age", of)).to.be.above(0.01);
    await snapshot.close();
    await iterator.close();
    expect(await count("storage.snapshot.active", of)).to.equal(0);
    const left = db.snapshot();
    await db.close();
    expect(await count("storage.snapshot.duration", { ...of, "storage.snapshot.type": "read_view" })).to.equal(2);
    await left.close();
    expect(await count("storage.snapshot.duration", of)).to.equal(2);
  });
});

describe("databases of classic-level", () => {
  const names = (): string[] => Array.from(openDatabases(), ({ database }) => database.attributes["db.namespace"]);

  it("are open for health checks from when they are opened to their end", async () => {
    const db = new Level(join(temporaryFolder(), "level-health"));
    expect(names()).to.not.include("level-health");
    await db.put("a", "b");
    const [open] = Array.from(openDatabases()).filter(
      ({ database }) => database.attributes["db.namespace"] === "level-health",
    );
    expect([open!.isInPlace(), open!.recovery(), open!.isWritten, open!.commits?.()]).to.deep.equal([
      true,
      "done",
      true,
      1,
    ]);
    expect(open!.failureKind("LEVEL_CORRUPTION")).to.equal("storage");
    await db.close();
    await db.open();
    expect(names()).to.include("level-health");
    await db.close();
    expect(names()).to.not.include("level-health");
  });

  it("that are dropped without an end are forgotten", async () => {
    setFlagsFromString("--expose-gc");
    const collectGarbage = runInNewContext("gc") as () => void;
    await (async () => {
      const db = await filled("level-dropped");
      await db.iterator().next();
    })();
    expect(names()).to.include("level-dropped");
    for (let i = 0; i < 100 && names().includes("level-dropped"); i++) {
      collectGarbage();
      await sleep(10);
    }
    expect(names()).to.not.include("level-dropped");
    expect(await count("storage.iterator.active", { "db.namespace": "level-dropped" })).to.equal(0);
  });
});
