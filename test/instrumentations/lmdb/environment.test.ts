import { fork } from "node:child_process";
import { once, type EventEmitter } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Worker } from "node:worker_threads";
import { expect } from "chai";
import type * as Lmdb from "lmdb";
import { describe, it } from "mocha";
import { timingPolicy } from "../../../src/recording/overhead-governor.ts";
import { ROOT } from "../../helpers/app.ts";
import { eventually } from "../../helpers/eventually.ts";
import { count, seriesWith, spansDuring, withoutStatements } from "../../helpers/observed.ts";
import { temporaryFolder } from "../../helpers/temp.ts";

const require = createRequire(import.meta.url);
const lmdb = require("lmdb") as typeof Lmdb;

let opened = 0;
const open = (options: Lmdb.RootDatabaseOptions = {}): { root: Lmdb.RootDatabase; path: string; namespace: string } => {
  const namespace = `environment_${++opened}`;
  const path = join(temporaryFolder(), namespace);
  return { root: lmdb.open(path, options), path, namespace };
};

const valuesOf = async (namespace: string, metric: string): Promise<Record<string, number>> => {
  const series = (await seriesWith({ "db.namespace": namespace })).filter((each) => each.metric === metric);
  return Object.fromEntries(
    series.map(({ attributes, value }) => {
      const own = Object.entries(attributes).filter(([key]) => !/^db\.(?:system\.name|namespace)$/.test(key));
      return [own.map(([, text]) => text).join(" "), value];
    }),
  );
};

describe("an environment of lmdb", () => {
  it("tells of its records and its space, which is all of its pages", async () => {
    const { root, namespace } = open();
    const db = root.openDB("many", {});
    for (let i = 0; i < 3_000; i++) void db.put(i, "x".repeat(i % 100 === 0 ? 9_000 : 50));
    await root.flushed;
    for (let i = 0; i < 2_000; i++) void db.remove(i);
    await root.flushed;
    expect(await valuesOf(namespace, "storage.record.count")).to.deep.equal({ "": 0, many: 1_000 });
    const { live, free } = await valuesOf(namespace, "storage.space.allocated");
    const { lastPageNumber, pageSize, mapSize } = { ...db.getStats() } as Record<string, number>;
    expect(live! + free!).to.equal((lastPageNumber! + 1) * pageSize!);
    expect(free).to.be.above(live! / 2);
    expect(await valuesOf(namespace, "storage.space.limit")).to.deep.equal({ "": mapSize });
    expect((await valuesOf(namespace, "storage.file.io"))["table write"]).to.be.at.least(live!);
    db.dropSync();
    expect(await valuesOf(namespace, "storage.record.count")).to.deep.equal({ "": 0, many: 0 });
    await root.close();
    expect(await valuesOf(namespace, "storage.record.count")).to.deep.equal({});
  });

  it("that ends with its use has a name that is the same for all of them", async () => {
    const root = lmdb.open({} as Lmdb.RootDatabaseOptionsWithPath);
    root.putSync("a", 1);
    expect(await count("storage.record.count", { "db.namespace": "temporary" })).to.equal(1);
    await root.close();
  });

  it("that is read only is left as it is", async () => {
    const { root, path, namespace } = open();
    await root.put("a", 1);
    await root.close();
    const readOnly = lmdb.open(path, { readOnly: true });
    expect(readOnly.get("a")).to.equal(1);
    expect((readOnly as unknown as EventEmitter).eventNames()).to.deep.equal([]);
    expect(await count("db.client.operation.duration", { "db.namespace": namespace })).to.equal(2);
    await readOnly.close();
  });

  it("counts what it has written once, however often it is opened", async () => {
    const { root, path, namespace } = open();
    const second = lmdb.open(path, {});
    await root.put("a", "x".repeat(20_000));
    const written = async (): Promise<number> => (await valuesOf(namespace, "storage.file.io"))["table write"]!;
    const info = (root as unknown as { env: { info(): { pagesWritten: number } } }).env.info();
    expect(await written()).to.equal(info.pagesWritten * 4_096);
    await second.close();
    await root.close();
    const before = await written();
    const third = lmdb.open(path, {});
    await third.put("b", 1);
    expect(await written())
      .to.be.above(before)
      .and.below(2 * before);
    await third.close();
  });

  it("tells of a reader of another process that holds a snapshot, and that it was killed", async () => {
    const { root, path, namespace } = open();
    await root.put("a", 1);
    const child = fork(join(ROOT, "test/apps/lmdb-reader.cjs"), [path]);
    await once(child, "message");
    const [before, active] = [
      (await valuesOf(namespace, "storage.reader.lag"))[""]!,
      (await valuesOf(namespace, "storage.reader.count"))["active"],
    ];
    expect(active).to.be.at.least(1);
    for (let i = 0; i < 5; i++) root.putSync("a", i);
    expect((await valuesOf(namespace, "storage.reader.lag"))[""]).to.equal(before + 5);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await valuesOf(namespace, "storage.reader.count")).to.include({ stale: 1 });
    expect(root.readerCheck()).to.equal(1);
    expect(await valuesOf(namespace, "storage.reader.count")).to.include({ stale: 0 });
    await root.close();
  });

  it("counts all reads and their records at a rate at which few are timed", async () => {
    const { root, namespace } = open();
    for (let i = 0; i < 40; i++) root.putSync(i, i);
    const rounds = 3_000;
    timingPolicy.ratio = 1e-6;
    try {
      for (let i = 0; i < rounds; i++) {
        root.get(i % 40);
        let found = 0;
        // Every tenth iteration is longer than those that are timed completely.
        for (const _ of root.getRange({ limit: i % 10 === 0 ? 40 : 3 })) found++;
        expect(found).to.equal(i % 10 === 0 ? 40 : 3);
      }
    } finally {
      timingPolicy.ratio = 0;
    }
    const of = (metric: string, name: string): Promise<number> =>
      count(metric, { "db.namespace": namespace, "db.operation.name": name });
    expect(await count("storage.instrumentation.timing_interval", { "db.namespace": namespace })).to.be.above(1);
    expect(await of("db.client.operation.duration", "get")).to.equal(rounds);
    expect(await of("db.client.operation.duration", "getRange")).to.equal(rounds);
    expect(await of("storage.operation.records", "getRange")).to.equal(rounds * (0.9 * 3 + 0.1 * 40));
    expect(await of("storage.operation.records", "get")).to.equal(rounds);
    await root.close();
  });

  it("is reported once by all threads, of which each may be the last", async () => {
    const { root, path, namespace } = open();
    const code = `const { open } = require(${JSON.stringify(require.resolve("lmdb"))});
      const root = open(${JSON.stringify(path)}, {});
      for (let i = 0; i < 10; i++) root.putSync(i, i);
      root.close().then(() => require("node:worker_threads").parentPort.postMessage("closed"));`;
    const worker = new Worker(code, { eval: true });
    await once(worker, "message");
    expect(await valuesOf(namespace, "storage.record.count")).to.deep.equal({ "": 10 });
    await root.close();
    await worker.terminate();
  });

  it("ends with what is open in it when it is collected without having been closed", async () => {
    const { namespace } = abandoned();
    // The engine keeps the last store of each name.
    (lmdb as unknown as { readonly allDbs: Map<string, unknown> }).allDbs.clear();
    expect(await count("storage.space.limit", { "db.namespace": namespace })).to.be.above(0);
    setFlagsFromString("--expose-gc");
    const gc = runInNewContext("gc") as () => void;
    await eventually(async () => {
      gc();
      await sleep(5);
      return Object.keys(await valuesOf(namespace, "storage.space.limit")).length === 0;
    });
  });
});

/** Opens an environment, and keeps nothing of it. */
function abandoned(): { namespace: string } {
  const { root, namespace } = open();
  root.putSync("a", 1);
  return { namespace };
}

describe("spans of lmdb", () => {
  it("are where the application has called, although the engine calls back from elsewhere", async () => {
    const { root, namespace } = open();
    const spans = await spansDuring(async () => {
      await root.transaction(async () => {
        await root.put("a", 1);
        await sleep(2);
        root.get("a");
      });
    });
    const [transaction, request] = withoutStatements(spans);
    expect(transaction!.name).to.equal(`transaction ${namespace}`);
    expect(transaction!.parentSpanContext?.spanId).to.equal(request!.spanContext().spanId);
    expect(transaction!.attributes).to.include({
      "storage.transaction.mode": "immediate",
      "storage.transaction.outcome": "commit",
      "storage.transaction.statements": 2,
    });
    expect(request!.attributes).to.include({ "storage.rollup.operations": 2, "storage.rollup.write.operations": 1 });
    await root.close();
  });

  it("show for how long a transaction waited for another thread", async () => {
    const { root, path, namespace } = open();
    const code = `const { parentPort } = require("node:worker_threads");
      const { open } = require(${JSON.stringify(require.resolve("lmdb"))});
      const root = open(${JSON.stringify(path)}, {});
      root.transactionSync(() => {
        parentPort.postMessage("writing");
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
      });`;
    const worker = new Worker(code, { eval: true });
    await once(worker, "message");
    root.transactionSync(() => void root.put("a", 1));
    expect(await count("storage.lock.wait.duration", { "db.namespace": namespace })).to.equal(1);
    await worker.terminate();
    await root.close();
  });

  it("show a snapshot for as long as it is used, by an iteration as well", async () => {
    const { root, namespace } = open();
    for (let i = 0; i < 3; i++) root.putSync(i, i);
    const view = root.useReadTransaction();
    const iterator = root.getKeys({ transaction: view })[Symbol.iterator]();
    iterator.next();
    view.done();
    const active = (): Promise<Record<string, number>> => valuesOf(namespace, "storage.snapshot.active");
    expect(await active()).to.deep.equal({ "": 2 });
    iterator.return?.();
    expect(await active()).to.deep.equal({ "": 0 });
    expect(await count("storage.snapshot.duration", { "db.namespace": namespace })).to.equal(1);
    await root.close();
  });
});
