import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { collect, count, seriesWith, spansDuring } from "../../helpers/observed.ts";
import { temporaryFolder } from "../../helpers/temp.ts";
import { RocksDB } from "./rocksdb.ts";

const require = createRequire(import.meta.url);

/** Small memtables, so that there is work in the background. */
const SMALL = { writeBufferSize: 128 * 1024 };

const folder = (name: string): string => join(temporaryFolder(), name);

/** Writes over and over the same keys. @returns the bytes of keys and values */
async function fill(db: RocksDB, rounds: number): Promise<number> {
  const value = randomBytes(500).toString("hex");
  let bytes = 0;
  for (let round = 0; round < rounds; round++) {
    const batch = db.write();
    for (let i = 0; i < 40; i++) {
      const key = `secret-${(round * 7 + i) % 500}`;
      batch.tryPut(key, `${value}${round}`);
      bytes += key.length + value.length + String(round).length;
    }
    await batch.flush();
    batch.destroy();
    // The log is read while it is written.
    if (round % 50 === 0) await collect();
  }
  return bytes;
}

/** Waits until the engine has nothing to do. */
async function idle(db: RocksDB): Promise<void> {
  const busy = ["num-running-compactions", "num-running-flushes", "compaction-pending", "mem-table-flush-pending"];
  for (;;) {
    const answers = await Promise.all(busy.map((name) => db.getProperty(`rocksdb.${name}`)));
    if (answers.every((answer) => answer === "0")) return;
    await new Promise((resolve) => void setTimeout(resolve, 20));
  }
}

/** Numbers of compactions by level that the engine's own statistics have; those of level 0 are flushes. */
async function counted(db: RocksDB): Promise<{ flushes: number; compactions: number; amplification: number }> {
  const text = (await db.getProperty("rocksdb.cfstats-no-file-histogram"))!.split("Priority", 1)[0]!;
  const rows = [...text.matchAll(/^ +(L\d+|Sum) +(.*)$/gm)].map(
    ([, name, rest]) => [name!, rest!.split(/ +/)] as const,
  );
  const of = (name: string): number => Number(rows.find(([each]) => each === name)?.[1].at(16) ?? 0);
  return {
    flushes: of("L0"),
    compactions: of("Sum") - of("L0"),
    amplification: Number(rows.find(([each]) => each === "Sum")![1].at(11)),
  };
}

interface Event {
  readonly event: string;
  readonly job: number;
  readonly time_micros: number;
  readonly [name: string]: unknown;
}

const logOf = (path: string, name = "LOG"): string => readFileSync(join(path, name), "latin1");

/** Events of a log. */
const eventsIn = (text: string): Event[] =>
  [...text.matchAll(/EVENT_LOG_v1 (\{.*\})$/gm)].map(([, json]) => JSON.parse(json!) as Event);

const micros = ([seconds, nanoseconds]: readonly [number, number]): number => seconds * 1e6 + nanoseconds / 1e3;

/** Another process that tries to open the database. */
const intrude = (path: string): string =>
  execFileSync(
    process.execPath,
    [
      "-e",
      `new (require(${JSON.stringify(require.resolve("rocksdb-native"))}))(${JSON.stringify(path)})
       .ready().then(() => console.log("open"), ({ code }) => console.log(code))`,
    ],
    { encoding: "utf8" },
  ).trim();

async function value(metric: string, attributes: object): Promise<number | undefined> {
  const series = await seriesWith(attributes as Record<string, string>);
  return series.find((each) => each.metric === metric)?.value;
}

/** Waits for a polled value. */
async function polled(metric: string, attributes: object, isRight: (value: number) => boolean): Promise<number> {
  for (;;) {
    const found = await value(metric, attributes);
    if (found !== undefined && isRight(found)) return found;
    await new Promise(setImmediate);
  }
}

describe("the background work of RocksDB", () => {
  it("is counted as the engine counts it, with its bytes and files, through a reopening", async () => {
    const of = { "db.namespace": "rocks-work" };
    const path = folder("rocks-work");
    const expected = { flushes: 0, compactions: 0 };
    let events: Event[] = [];
    for (let i = 0; i < 2; i++) {
      const db = new RocksDB(path, SMALL);
      await fill(db, 150);
      await idle(db);
      const { flushes, compactions } = await counted(db);
      expected.flushes += flushes;
      expected.compactions += compactions;
      await db.close();
      events = [...events, ...eventsIn(logOf(path))];
    }
    const found = {
      flushes: await count("storage.flush.duration", of),
      compactions: await count("storage.compaction.duration", of),
    };
    // Some were at the end of the database, after the question.
    const finished = (name: string): Event[] => events.filter(({ event }) => event === name);
    const recovered = events.filter(({ event, job }) => event === "table_file_creation" && job === 1).length;
    expect(found.flushes).to.equal(finished("flush_finished").length + recovered);
    // The statistics count those of a recovery otherwise than the log does.
    expect(found.flushes - expected.flushes).to.be.within(-2, 2);
    expect(found.compactions).to.equal(expected.compactions);
    expect(found.compactions).to.be.above(5);

    const sum = (all: Event[], name: string): number => all.reduce((total, each) => total + Number(each[name]), 0);
    const jobs = new Set(finished("compaction_started").map(({ job }) => job));
    const ended = finished("compaction_finished").filter(({ job }) => jobs.has(job));
    const io = { ...of, "disk.io.direction": "write" };
    expect(await count("storage.compaction.io", io)).to.equal(sum(ended, "total_output_size"));
    const read = { ...of, "disk.io.direction": "read" };
    expect(await count("storage.compaction.io", read)).to.equal(sum(finished("compaction_started"), "input_data_size"));
    const outputs = { ...of, "storage.compaction.file.role": "output" };
    expect(await count("storage.compaction.files", outputs)).to.equal(sum(ended, "num_output_files"));
    expect(await count("storage.compaction.write_amplification", of)).to.equal(found.compactions);
    expect(await count("storage.cpu.time", of)).to.be.closeTo(sum(ended, "compaction_time_cpu_micros") / 1e6, 1e-6);
  });

  it("is a span of its own with the very start and end of the log, linked to the request that asked for it", async () => {
    const path = folder("rocks-spans");
    const spans = await spansDuring(async () => {
      const db = new RocksDB(path);
      for (const each of ["before", "after"]) {
        for (const key of ["a", "z"]) await db.put(key, each.repeat(100));
        await db.flush();
      }
      await db.compactRange("a", "zz");
      await db.close();
    });
    const request = spans.find(({ name }) => name === "request")!.spanContext().spanId;
    const events = eventsIn(logOf(path));
    for (const kind of ["flush", "compaction"]) {
      const found = spans.filter(({ name }) => name === `${kind} rocks-spans`);
      const times = (name: string): number[] =>
        events.filter(({ event }) => event === `${kind}_${name}`).map((event) => event.time_micros);
      expect(
        found.map(({ startTime }) => micros(startTime)),
        kind,
      ).to.deep.equal(times("started"));
      expect(
        found.map(({ endTime }) => micros(endTime)),
        kind,
      ).to.deep.equal(times("finished"));
      for (const { links, parentSpanContext, attributes } of found) {
        expect(parentSpanContext).to.equal(undefined);
        expect(links.map(({ context }) => context.spanId)).to.deep.equal([request]);
        expect(attributes[`storage.${kind}.reason`]).to.equal("manual");
      }
    }
    expect(spans.filter(({ name }) => name === "compaction rocks-spans")).to.have.length(1);
  });

  it("links a flush to the span whose write has filled the memtable, if all writes of the moment are its", async () => {
    const spans = await spansDuring(async () => {
      const db = new RocksDB(folder("rocks-filled"), SMALL);
      await fill(db, 20);
      await idle(db);
      await db.close();
    });
    const request = spans.find(({ name }) => name === "request")!.spanContext().spanId;
    const full = spans.filter(({ attributes }) => attributes["storage.flush.reason"] === "memtable_full");
    expect(full.length).to.be.above(2);
    const linked = full.filter(({ links }) => links.some(({ context }) => context.spanId === request));
    expect(linked.length).to.be.above(full.length / 2);
  });

  it("writes as much as the operating system counts, with the log of writes", async function () {
    if (!existsSync("/proc/self/io")) return this.skip();
    const written = (): number => Number(/^wchar: (\d+)/m.exec(readFileSync("/proc/self/io", "utf8"))![1]);
    const of = { "db.namespace": "rocks-amplified" };
    const db = new RocksDB(folder("rocks-amplified"), SMALL);
    await db.ready();
    const before = written();
    const bytes = await fill(db, 300);
    await db.flush();
    await idle(db);
    const total = written() - before;
    const { amplification } = await counted(db);
    await polled("storage.amplification.write", of, (each) => Math.abs(each - amplification) < 0.06);
    const flushed = await count("storage.flush.io", of);
    const compacted = await count("storage.compaction.io", { ...of, "disk.io.direction": "write" });
    await db.close();
    // The log has a head for each write and record; LOG and MANIFEST are in what the system counts.
    expect((bytes + flushed + compacted) / total).to.be.within(0.9, 1.02);
  });

  it("has stalls of the reason that the engine counts, none longer than it says", async () => {
    const of = { "db.namespace": "rocks-stalls" };
    const path = folder("rocks-stalls");
    const db = new RocksDB(path, SMALL);
    await fill(db, 300);
    await idle(db);
    const stops = /memtable-limit-stops: (\d+)/.exec((await db.getProperty("rocksdb.cf-write-stall-stats"))!)![1];
    const state = { ...of, "storage.stall.state": "stopped" };
    expect(await polled("storage.write.stall.status", state, () => true)).to.equal(0);
    await db.close();
    const found = await count("storage.write.stall.duration", { ...of, "storage.stall.reason": "memtable_limit" });
    expect(found).to.be.within(1, Number(stops));
    const lines = [...logOf(path).matchAll(/Stopping writes because/g)].length;
    expect(Number(stops)).to.equal(lines);
  });

  it("is counted though another process, which cannot open the database, has its log renamed", async function () {
    if (!existsSync("/proc/locks")) return this.skip();
    const of = { "db.namespace": "rocks-renamed" };
    const path = folder("rocks-renamed");
    const db = new RocksDB(path, SMALL);
    await fill(db, 30);
    const locks = (): string[] => {
      const { ino } = statSync(join(path, "LOCK"));
      return readFileSync("/proc/locks", "utf8")
        .split("\n")
        .filter((line) => line.includes(`:${ino} `));
    };
    expect(locks()).to.have.length(1);
    expect(intrude(path)).to.equal("EIO");
    await fill(db, 30);
    await idle(db);
    const { flushes } = await counted(db);
    await collect();
    expect(await count("storage.flush.duration", of)).to.equal(flushes);
    expect(locks()).to.have.length(1);
    expect(intrude(path)).to.equal("EIO");
    await db.close();
    expect(intrude(path)).to.equal("open");
  });

  it("is failed when a file is damaged, as an event and for the health check, and so are the writes refused then", async () => {
    const path = folder("rocks-damaged");
    const of = { "db.namespace": "rocks-damaged" };
    let db = new RocksDB(path);
    await db.put("a", "secret".repeat(2_000));
    await db.put("z", "secret".repeat(2_000));
    await db.flush();
    await db.close();
    for (const file of readdirSync(path).filter((name) => name.endsWith(".sst"))) {
      const bytes = readFileSync(join(path, file));
      bytes.fill(0xff, 100, 3_000);
      writeFileSync(join(path, file), bytes);
    }
    db = new RocksDB(path);
    const failure = async (call: Promise<unknown>): Promise<string> =>
      call.then(
        () => "none",
        ({ code, cause }: { code?: string; cause?: { code: string } }) => code ?? cause!.code,
      );
    const { bottommostLevelCompaction } = RocksDB.constants;
    const force = { bottommostLevelCompaction: bottommostLevelCompaction!["FORCE"] };
    expect(await failure(db.compactRange(force))).to.equal("EIO");
    expect(await failure(db.put("b", "c"))).to.equal("EIO");
    await collect();
    expect(await count("storage.compaction.duration", { ...of, "error.type": "Corruption" })).to.equal(1);
    const puts = { ...of, "db.operation.name": "put", "error.type": "EIO" };
    expect(await count("db.client.operation.duration", puts)).to.equal(1);
    const { openDatabases } = await import("../../../src/instrument/open-instances.ts");
    const open = [...openDatabases()].find(({ database }) => database.attributes["db.namespace"] === "rocks-damaged")!;
    expect((await open.backgroundWork!())!.failure).to.equal("Corruption");
    await db.close();
  });
});
