import { spawn } from "node:child_process";
import { cpSync, readdirSync, readFileSync, renameSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { Tidepool } from "../../examples/engine/engine.ts";
import type { Options } from "../../examples/engine/options.ts";
import type { Scan } from "../../examples/engine/store.ts";
import type { Snapshot } from "../../examples/engine/views.ts";
import { eventually } from "../helpers/eventually.ts";
import { seeded } from "../helpers/random.ts";
import { temporaryFolder } from "../helpers/temp.ts";

/** Small enough that some hundred writes reach level 2. */
const SMALL: Partial<Options> = {
  sync: "never",
  memtableBytes: 2_000,
  valueBytes: 200,
  tableBytes: 2_000,
  level0Files: 2,
  level1Bytes: 4_000,
};

const WRITE = join(import.meta.dirname, "../apps/engine/write.ts");

const opened: Tidepool[] = [];

async function open(folder = temporaryFolder(), options = SMALL): Promise<Tidepool> {
  const engine = await Tidepool.open(folder, options);
  opened.push(engine);
  return engine;
}

async function openCheckpoint(engine: Tidepool): Promise<Tidepool> {
  const folder = join(temporaryFolder(), "copy");
  await engine.checkpoint(folder);
  return open(folder);
}

/** @returns the last number that was acknowledged before the writing process was killed */
async function writeUntilKilled(folder: string, first: number): Promise<number> {
  const child = spawn(process.execPath, [WRITE, folder, String(first)], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  for await (const chunk of child.stdout) {
    output += String(chunk);
    if (output.split("\n").length > 150) child.kill("SIGKILL");
  }
  return Number(output.split("\n").at(-2));
}

const put = (engine: Pick<Tidepool, "put">, key: string, value: string): Promise<void> =>
  engine.put(key, Buffer.from(value));

const batchOf = (values: Readonly<Record<string, string>>): Map<string, Buffer> =>
  new Map(Object.entries(values).map(([key, value]) => [key, Buffer.from(value)]));

/** @returns the code of the error that a call ends in */
const codeOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => "no error",
    ({ code }: NodeJS.ErrnoException) => code,
  );

const text = async (value: Promise<Buffer | undefined>): Promise<string | undefined> => (await value)?.toString();

async function all(scan: Scan): Promise<[string, string][]> {
  const pairs: [string, string][] = [];
  for await (const [key, value] of scan) pairs.push([key, value.toString()]);
  return pairs;
}

const sorted = (model: ReadonlyMap<string, string>, prefix = ""): [string, string][] =>
  Array.from(model)
    .filter(([key]) => key.startsWith(prefix))
    .sort(([a], [b]) => (a < b ? -1 : 1));

describe("the example engine", () => {
  afterEach(async () => {
    for (const engine of opened.splice(0)) await engine.close();
  });

  for (const seed of [1, 2, 3])
    it(`agrees with a map after random writes, reopening and checkpoints, with seed ${seed}`, async () => {
      const random = seeded(seed);
      const upTo = (limit: number): number => Math.floor(random() * limit);
      const model = new Map<string, string>();
      let engine = await open();
      for (let step = 0; step < 1_500; step++) {
        const key = `${"abc"[upTo(3)]}${upTo(150)}`;
        const choice = random();
        if (choice < 0.6) {
          const value = `${step} `.repeat(1 + upTo(choice < 0.1 ? 200 : 10));
          model.set(key, value);
          await put(engine, key, value);
        } else if (choice < 0.8) {
          model.delete(key);
          await engine.del(key);
        } else if (choice < 0.95) {
          expect(await text(engine.get(key)), key).to.equal(model.get(key));
        } else if (choice < 0.98) {
          const prefix = key.slice(0, 2);
          expect(await all(engine.scan(prefix))).to.deep.equal(sorted(model, prefix));
        } else if (choice < 0.985) {
          await engine.close();
          engine = await open(engine.folder);
        } else if (choice < 0.99) {
          engine = await openCheckpoint(engine);
        } else if (choice < 0.993) {
          await engine.compact();
        }
      }
      expect(await all(engine.scan())).to.deep.equal(sorted(model));
      const { levels, valueLogBytes } = engine.properties();
      expect(levels.slice(1).some(({ files }) => files > 1)).to.equal(true);
      expect(valueLogBytes).to.be.above(0);
    });

  it("drops the write that a crash tore, and none before it", async () => {
    const engine = await open();
    await put(engine, "a", "1");
    await engine.batch(batchOf({ b: "2", c: "3" }));
    const folder = temporaryFolder();
    cpSync(engine.folder, folder, { recursive: true });
    const log = join(
      folder,
      readdirSync(folder).find((name) => name.endsWith(".wal"))!,
    );
    truncateSync(log, statSync(log).size - 1);
    for (const added of [[], ["d"], ["d", "e"]]) {
      const crashed = await Tidepool.open(folder, SMALL);
      expect((await all(crashed.scan())).map(([key]) => key)).to.deep.equal(["a", ...added]);
      await put(crashed, ["d", "e", "f"][added.length]!, "4");
      await crashed.close();
    }
  });

  it("has every acknowledged write after it was killed, and no partial one", async () => {
    const folder = temporaryFolder();
    for (let round = 0, next = 0; round < 5; round++) {
      const acknowledged = await writeUntilKilled(folder, next);
      const engine = await Tidepool.open(folder, SMALL);
      const numbers = async (prefix: string): Promise<number[]> =>
        (await all(engine.scan(prefix))).map(([key]) => Number(key.slice(prefix.length))).sort((a, b) => a - b);
      const left = await numbers("left ");
      expect(left).to.deep.equal(Array.from(left, (_, i) => i));
      expect(await numbers("right ")).to.deep.equal(left);
      expect(left.length).to.be.above(acknowledged);
      next = left.length;
      await engine.close();
    }
  });

  for (const type of ["table", "values", "wal"])
    it(`refuses a .${type} file that was damaged`, async () => {
      const engine = await Tidepool.open(temporaryFolder(), SMALL);
      await put(engine, "a", "1".repeat(500));
      await engine.flush();
      await engine.batch(batchOf({ b: "2" }));
      await engine.batch(batchOf({ c: "3" }));
      await engine.close();
      const file = join(
        engine.folder,
        readdirSync(engine.folder).find((name) => name.endsWith(type))!,
      );
      const bytes = readFileSync(file);
      bytes[10]! ^= 1;
      writeFileSync(file, bytes);
      const read = Tidepool.open(engine.folder, SMALL).then((damaged) =>
        damaged.get("a").finally(() => damaged.close()),
      );
      expect(await codeOf(read)).to.equal("CORRUPT");
    });

  it("keeps what a snapshot reads through flushes and compactions, and drops it after the release", async () => {
    const engine = await open();
    await engine.batch(batchOf({ a: "1", b: "2".repeat(500) }));
    const snapshot = engine.snapshot();
    expect(engine.properties()).to.include({ snapshots: 1, sequence: snapshot.sequence });
    await engine.del("b");
    await engine.flush();
    await engine.batch(batchOf({ a: "3", c: "4" }));
    await engine.compact();
    expect(await all(snapshot.scan())).to.deep.equal([
      ["a", "1"],
      ["b", "2".repeat(500)],
    ]);
    expect(await text(snapshot.get("b"))).to.equal("2".repeat(500));
    expect(engine.properties().valueLogBytes).to.be.above(500);
    expect(engine.properties().oldestSnapshotMs).to.be.above(0);
    snapshot.release();
    expect(await codeOf(snapshot.get("a"))).to.equal("CLOSED");
    await engine.compact();
    expect(engine.properties()).to.include({ snapshots: 0, oldestSnapshotMs: 0, valueLogBytes: 0 });
    expect(await all(engine.scan())).to.deep.equal([
      ["a", "3"],
      ["c", "4"],
    ]);
  });

  it("finds each version that a snapshot reads, where they take more than a block and a table", async () => {
    const engine = await open(undefined, { ...SMALL, memtableBytes: 1_000_000 });
    const neighbours = Array.from({ length: 200 }, (_, i) => [`a${i}`, "n".repeat(100)] as const);
    await engine.batch(batchOf(Object.fromEntries(neighbours)));
    const snapshots: Snapshot[] = [];
    for (let i = 0; i < 100; i++) {
      await put(engine, "k", `${i} `.repeat(50));
      snapshots.push(engine.snapshot());
    }
    const check = async (): Promise<void> => {
      for (const [i, snapshot] of snapshots.entries())
        expect(await text(snapshot.get("k"))).to.equal(`${i} `.repeat(50));
      expect(await text(engine.get("k"))).to.equal("99 ".repeat(50));
      expect(await all(snapshots[50]!.scan("k"))).to.deep.equal([["k", "50 ".repeat(50)]]);
      for (const [key, value] of neighbours) expect(await text(engine.get(key)), key).to.equal(value);
    };
    await engine.flush();
    await check();
    await put(engine, "a", "");
    await engine.flush();
    await eventually(
      () => engine.properties().levels[2]!.files > 0 && engine.properties().pendingCompactionBytes === 0,
    );
    await check();
  });

  it("scans the state of the first step while that state is overwritten and compacted away", async () => {
    const engine = await open();
    const model = new Map(Array.from({ length: 400 }, (_, i) => [`k${i}`, `${i}`.repeat(100)]));
    await engine.batch(new Map(Array.from(model, ([key, value]) => [key, Buffer.from(value)])));
    await engine.flush();
    const seen: [string, string][] = [];
    for await (const [key, value] of engine.scan("k")) {
      seen.push([key, value.toString()]);
      if (seen.length !== 1) continue;
      await engine.batch(new Map(Array.from(model.keys(), (key) => [key, undefined])));
      await engine.compact();
    }
    expect(seen).to.deep.equal(sorted(model));
    expect(await all(engine.scan())).to.deep.equal([]);
    expect(readdirSync(engine.folder).filter((name) => /table|values/.test(name))).to.deep.equal([]);
  });

  it("reads in a transaction what it wrote and what was there when it began", async () => {
    const engine = await open();
    await engine.batch(batchOf({ a: "1", b: "2", c: "3" }));
    const transaction = engine.begin();
    transaction.put("a", Buffer.from("mine"));
    transaction.del("b");
    await engine.batch(batchOf({ c: "theirs", d: "theirs" }));
    expect(await all(transaction.scan())).to.deep.equal([
      ["a", "mine"],
      ["c", "3"],
    ]);
    expect(await text(transaction.get("c"))).to.equal("3");
    expect(await text(engine.get("a"))).to.equal("1");
    await transaction.commit();
    expect(await all(engine.scan())).to.deep.equal([
      ["a", "mine"],
      ["c", "theirs"],
      ["d", "theirs"],
    ]);
    expect(engine.properties().snapshots).to.equal(0);
  });

  it("rejects the second of two transactions that write a key, wherever the first write is by then", async () => {
    const engine = await open();
    const settle = [() => Promise.resolve(), () => engine.flush(), () => engine.compact()];
    for (const moved of settle) {
      const [first, second] = [engine.begin(), engine.begin()];
      first.del("a");
      second.put("a", Buffer.from("2"));
      second.put("b", Buffer.from("2"));
      await first.commit();
      await moved();
      expect(await codeOf(second.commit())).to.equal("CONFLICT");
      expect(await all(engine.scan())).to.deep.equal([]);
    }
  });

  it("commits one of two transactions that are logged together", async () => {
    const engine = await open();
    const transactions = [engine.begin(), engine.begin()];
    for (const transaction of transactions) transaction.put("a", Buffer.from("1"));
    const [, ...codes] = await Promise.all([
      put(engine, "b", "2"),
      ...transactions.map((each) => codeOf(each.commit())),
    ]);
    expect(codes).to.deep.equal(["no error", "CONFLICT"]);
  });

  it("loses no increment to transactions that commit at once", async () => {
    const engine = await open();
    const increment = (): Promise<void> =>
      engine.transaction(async (transaction) => {
        const count = Number((await text(transaction.get("count"))) ?? 0);
        transaction.put("count", Buffer.from(`${count + 1}`));
      });
    let committed = 0;
    for (let round = 0; round < 20; round++) {
      const outcomes = await Promise.allSettled(Array.from({ length: 5 }, increment));
      committed += outcomes.filter(({ status }) => status === "fulfilled").length;
    }
    expect(committed).to.equal(20);
    expect(await text(engine.get("count"))).to.equal("20");
  });

  it("rolls a transaction back whose work throws", async () => {
    const engine = await open();
    const error = new Error("no");
    const work = engine.transaction((transaction) => {
      transaction.put("a", Buffer.from("1"));
      return Promise.reject(error);
    });
    expect(await work.catch((error: unknown) => error)).to.equal(error);
    expect(await engine.get("a")).to.equal(undefined);
    expect(engine.properties().snapshots).to.equal(0);
  });

  it("keeps a branch and its parent apart, through compactions and reopening", async () => {
    const engine = await open();
    const value = "shared ".repeat(100);
    await put(engine, "a", value);
    await engine.flush();
    await put(engine, "b", "1");
    const branch = await engine.branch("what-if");
    expect(await engine.branch("what-if")).to.equal(branch);
    await put(branch, "b", "branch");
    await engine.batch(batchOf({ a: "parent", c: "parent" }));
    await engine.compact();
    await engine.close();

    const parent = await open(engine.folder);
    expect(parent.properties().branches).to.equal(1);
    const child = await parent.branch("what-if");
    expect(await all(child.scan())).to.deep.equal([
      ["a", value],
      ["b", "branch"],
    ]);
    expect(await all(parent.scan())).to.deep.equal([
      ["a", "parent"],
      ["b", "1"],
      ["c", "parent"],
    ]);
    await child.compact();
    await parent.dropBranch("what-if");
    expect(parent.properties().branches).to.equal(0);
    expect(readdirSync(join(parent.folder, "branches"))).to.deep.equal([]);
  });

  const stalls: [string, Partial<Options>][] = [
    ["memtables", { stallMemtables: 1 }],
    ["level_0_files", { stallLevel0Files: 2, stallMemtables: 1_000 }],
  ];
  for (const [reason, options] of stalls)
    it(`makes writes wait for its ${reason}, and lets them go on`, async () => {
      const engine = await open(undefined, { ...SMALL, sync: "write", ...options, memtableBytes: 500 });
      const keys = Array.from({ length: 200 }, (_, i) => `k${1000 + i}`);
      const writes = Promise.all(keys.map((key) => put(engine, key, key.repeat(30))));
      await eventually(() => engine.properties().stall === reason, { every: 0 });
      await writes;
      expect((await all(engine.scan())).map(([key]) => key)).to.deep.equal(keys);
      await eventually(() => engine.properties().pendingCompactionBytes === 0);
      expect(engine.properties().stall).to.equal(undefined);
    });

  it("reads but does not write once the background failed, until it is opened again", async () => {
    const engine = await open();
    await put(engine, "a", "1");
    const [folder, moved] = [engine.folder, join(temporaryFolder(), "moved")];
    renameSync(folder, moved);
    expect(await codeOf(engine.flush())).to.equal("ENOENT");
    renameSync(moved, folder);
    expect(await text(engine.get("a"))).to.equal("1");
    await engine.close();
    expect(await codeOf(engine.get("a"))).to.equal("CLOSED");
    expect(await text((await open(folder)).get("a"))).to.equal("1");
  });
});
