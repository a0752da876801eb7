import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type * as Package from "classic-level";
import type { ClassicLevel } from "classic-level";
import { expect } from "chai";
import { describe, it } from "mocha";
import { LogFile } from "../../../instrumentations/lsm/log-file.ts";
import { collect, count, seriesWith, spansDuring } from "../../helpers/observed.ts";
import { temporaryFolder } from "../../helpers/temp.ts";

const require = createRequire(import.meta.url);
const { ClassicLevel: Level } = require("classic-level") as typeof Package;
type Db = ClassicLevel;

/** Small files, so that there is work in the background. */
const SMALL = { writeBufferSize: 64 * 1024, maxFileSize: 1 << 20 };

/** Written over each other. */
async function fill(db: Db, rounds: number): Promise<void> {
  const value = randomBytes(1_000).toString("base64");
  for (let round = 0; round < rounds; round++) {
    const batches = Array.from({ length: 4 }, (_, i) =>
      Array.from({ length: 40 }, (_each, j) => ({
        type: "put" as const,
        key: `secret-${(round * 7 + i * 40 + j) % 500}`,
        value,
      })),
    );
    await Promise.all(batches.map((batch) => db.batch(batch)));
    // The log is read while it is written.
    if (round % 20 === 0) await collect();
  }
}

/** What a log has in it, counted in the plainest way. */
function written(text: string): Record<string, number> {
  const all = (pattern: RegExp): RegExpExecArray[] => [...text.matchAll(pattern)];
  const sum = (matches: RegExpExecArray[]): number => matches.reduce((total, [, number]) => total + Number(number), 0);
  const flushes = all(/Level-0 table #\d+: (\d+) bytes OK/g);
  const compactions = all(/Compacted .* => (\d+) bytes/g);
  const inputs = all(/Compacted (\d+)@\d+ \+ (\d+)@\d+ files/g);
  // One that the end of the database interrupts is none.
  const complete = text.split("Compacting ").filter((part) => part.includes("Compacted "));
  return {
    flushes: flushes.length,
    flushed: sum(flushes),
    compactions: compactions.length,
    compacted: sum(compactions),
    inputs: inputs.reduce((total, [, a, b]) => total + Number(a) + Number(b), 0),
    outputs: complete.reduce((total, part) => total + part.split("Generated table").length - 1, 0),
  };
}

async function reported(name: string): Promise<Record<string, number>> {
  const of = { "db.namespace": name };
  return {
    flushes: await count("storage.flush.duration", of),
    flushed: await count("storage.flush.io", of),
    compactions: await count("storage.compaction.duration", of),
    compacted: await count("storage.compaction.io", of),
    inputs: await count("storage.compaction.files", { ...of, "storage.compaction.file.role": "input" }),
    outputs: await count("storage.compaction.files", { ...of, "storage.compaction.file.role": "output" }),
  };
}

const logOf = (db: Db, name = "LOG"): string => readFileSync(join(db.location, name), "latin1");

/** Tries to open a database in another process, in vain: it renames the log. */
const intrude = (db: Db): string =>
  execFileSync(
    process.execPath,
    [
      "-e",
      `new (require(${JSON.stringify(require.resolve("classic-level"))}).ClassicLevel)(${JSON.stringify(db.location)})
       .open().then(() => console.log("open"), ({ cause }) => console.log(cause.code))`,
    ],
    { encoding: "utf8" },
  ).trim();

/** Microseconds of Unix time of a line, in the zone of this process. */
function microsecondsOf(line: string): number {
  const [year, month, day, hour, minute, second, micros] = line.split(/[ /:.-]/, 7).map(Number);
  return new Date(year!, month! - 1, day, hour, minute, second).getTime() * 1e3 + micros!;
}

describe("the background work of LevelDB", () => {
  it("is counted as its logs have it, of several databases, through a reopening", async () => {
    const names = ["log-north", "log-south"];
    const dbs = names.map((name) => new Level(join(temporaryFolder(), name), SMALL));
    await Promise.all(dbs.map((db) => fill(db, 60)));
    const before = await Promise.all(
      dbs.map(async (db) => {
        await db.close();
        const text = logOf(db);
        await db.open();
        return text;
      }),
    );
    await Promise.all(dbs.map((db) => fill(db, 30)));
    await Promise.all(dbs.map((db) => db.close()));

    for (const [i, name] of names.entries()) {
      const expected = written(before[i]! + logOf(dbs[i]!));
      expect(expected.flushes).to.be.above(10);
      expect(expected.compactions).to.be.above(2);
      expect(await reported(name)).to.deep.equal(expected);
    }
    // What was in the logs of writes when it was closed, one for each memtable.
    const recovered = { "storage.flush.reason": "recovery", "db.namespace": names[0] };
    expect(await count("storage.flush.duration", recovered)).to.be.within(
      1,
      logOf(dbs[0]!).split("Recovering log").length - 1,
    );
  });

  it("is counted though another process that tries to open the database has its log renamed twice", async () => {
    const db = new Level(join(temporaryFolder(), "log-renamed"), SMALL);
    await fill(db, 10);
    expect(intrude(db)).to.equal("LEVEL_LOCKED");
    await fill(db, 10);
    const renamed = join(temporaryFolder(), "LOG");
    const text = logOf(db, "LOG.old");
    writeFileSync(renamed, text);
    expect(intrude(db)).to.equal("LEVEL_LOCKED");
    await fill(db, 10);
    await db.close();
    expect((await reported("log-renamed")).flushes).to.be.above(written(text).flushes!);
  });

  it("is a span of its own with the very start and end, linked to the compaction that was asked for", async () => {
    const db = new Level(join(temporaryFolder(), "log-spans"));
    const spans = await spansDuring(async () => {
      for (const value of ["before", "after"]) {
        await db.batch(["a", "z"].map((key) => ({ type: "put", key, value })));
        await db.compactRange("a", "zz");
      }
      await db.close();
    });
    const lines = logOf(db).split("\n");
    const begin = lines.find((line) => / Compacting /.test(line))!;
    const end = lines.find((line) => / compacted to: /.test(line))!;
    const compaction = spans.find(({ name }) => name === "compaction log-spans")!;
    const micros = ([seconds, nanoseconds]: readonly [number, number]): number => seconds * 1e6 + nanoseconds / 1e3;
    expect(micros(compaction.startTime)).to.equal(microsecondsOf(begin));
    expect(micros(compaction.endTime)).to.equal(microsecondsOf(end));
    expect(compaction.parentSpanContext).to.equal(undefined);
    expect(compaction.attributes).to.include({
      "storage.compaction.reason": "manual",
      "storage.compaction.type": "leveled",
    });
    const request = spans.find(({ name }) => name === "request")!;
    expect(compaction.links.map(({ context }) => context.spanId)).to.deep.equal([request.spanContext().spanId]);
    expect(JSON.stringify(spans.map(({ attributes }) => attributes))).to.not.contain("secret");
  });

  it("is told as failed when a file is damaged, and so is the write that is refused then", async () => {
    const location = join(temporaryFolder(), "log-damaged");
    const db = new Level(location, { compression: false });
    for (const value of ["before", "after"]) {
      await db.put("a", value.repeat(3_000));
      await db.put("z", value.repeat(3_000));
      if (value === "before") await db.compactRange("a", "zz");
    }
    await db.close();
    for (const file of readdirSync(location).filter((name) => name.endsWith(".ldb"))) {
      const bytes = readFileSync(join(location, file));
      // The kind of the first block.
      bytes.fill(0xff, 3_000, bytes.length - 600);
      writeFileSync(join(location, file), bytes);
    }
    await db.open();
    await db.compactRange("a", "zz");
    const refused = await db.put("b", "c").catch(({ code }: { code: string }) => code);
    await db.close();
    const of = { "db.namespace": "log-damaged", "error.type": "LEVEL_CORRUPTION" };
    expect(refused).to.equal("LEVEL_CORRUPTION");
    expect(await count("storage.compaction.duration", of)).to.equal(1);
    expect(await count("storage.background.errors", { ...of, "storage.task.name": "compaction" })).to.equal(1);
    expect(await count("db.client.operation.duration", { ...of, "db.operation.name": "put" })).to.equal(1);
  });

  it("has as many stalls as writes waited, none of them longer than the work", async () => {
    const db = new Level(join(temporaryFolder(), "log-stalls"), SMALL);
    const before = Date.now();
    for (let i = 0; i < 6; i++) await fill(db, 40);
    await db.close();
    const seconds = (Date.now() - before) / 1e3;
    const waits = [...logOf(db).matchAll(/waiting\.\.\.$/gm)].length;
    const metrics = await collect();
    const points = metrics
      .find(({ descriptor }) => descriptor.name === "storage.write.stall.duration")!
      .dataPoints.filter(({ attributes }) => attributes["db.namespace"] === "log-stalls");
    const stalls = points.map(({ value }) => value as { count: number; sum: number });
    const total = stalls.reduce((sum, { count: each }) => sum + each, 0);
    expect(total).to.be.within(1, waits);
    expect(stalls.reduce((sum, each) => sum + each.sum, 0)).to.be.within(0, seconds);
  });

  it("is reported by one of the threads that share a database", async () => {
    const location = join(temporaryFolder(), "log-shared");
    const db = new Level(location, { ...SMALL, multithreading: true });
    await db.open();
    const worker = new Worker(
      `const { parentPort, workerData: [path, location] } = require("node:worker_threads");
       const { ClassicLevel } = require(path);
       const db = new ClassicLevel(location, { multithreading: true });
       db.put("thread", "x").then(() => db.close()).then(() => parentPort.postMessage("done"));`,
      { eval: true, workerData: [require.resolve("classic-level"), location] },
    );
    await once(worker, "message");
    await fill(db, 20);
    await db.close();
    expect(await reported("log-shared")).to.deep.equal(written(logOf(db)));
  });

  it("has the files and levels of the database while it is open, and none of them afterwards", async () => {
    const db = new Level(join(temporaryFolder(), "log-levels"), SMALL);
    await fill(db, 20);
    await db.compactRange("a", "z");
    await collect();
    const polled = async (): Promise<string[]> =>
      (await seriesWith({ "db.namespace": "log-levels" }))
        .filter(({ metric, value }) => /level\.|space|memory|wal\.size/.test(metric) && value > 0)
        .map(({ metric }) => metric);
    // The files are looked at asynchronously.
    while ((await polled()).length < 4) await new Promise(setImmediate);
    expect(new Set(await polled())).to.include.members([
      "storage.level.file.count",
      "storage.memory.usage",
      "storage.space.usage",
    ]);
    const files = readdirSync(db.location).filter((name) => name.endsWith(".ldb"));
    const levels = await seriesWith({ "db.namespace": "log-levels" });
    const counted = levels.filter(({ metric }) => metric === "storage.level.file.count");
    expect(counted.reduce((sum, { value }) => sum + value, 0)).to.equal(files.length);
    await db.close();
    expect(await polled()).to.deep.equal([]);
  });
});

describe("the log of LevelDB", () => {
  const AT = Math.floor(Date.now() / 1_000) * 1_000;

  /** A log whose lines are ahead of UTC. */
  function logAhead(minutes: number): { folder: string; append: (text: string, after: number) => void } {
    const folder = join(temporaryFolder(), "log");
    mkdirSync(folder);
    const path = join(folder, "LOG");
    writeFileSync(path, "");
    return {
      folder,
      append(text, after) {
        const local = new Date(AT + after + minutes * 60_000).toISOString();
        const head = `${local.slice(0, 10).replaceAll("-", "/")}-${local.slice(11, 23)}456`;
        appendFileSync(path, `${head} 7f1c ${text}`);
        utimesSync(path, (AT + after) / 1e3, (AT + after) / 1e3);
      },
    };
  }

  for (const minutes of [0, 345, -720, 840])
    it(`has its times in UTC where it was written ${minutes} minutes ahead, whatever the zone of the process`, () => {
      const { folder, append } = logAhead(minutes);
      const log = new LogFile(folder);
      append("one\n", 0);
      append("two", 5_000);
      expect(log.lines()).to.deep.equal([{ time: BigInt(AT) * 1_000_000n + 456_000n, thread: "7f1c", text: "one" }]);
      append("", 6_000);
      appendFileSync(join(folder, "LOG"), "\n");
      expect(log.lines().map(({ text }) => text.slice(0, 3))).to.deep.equal(["two"]);
      log.close();
    });

  it("is read in pieces, however long it is, and without lines that are no lines", () => {
    const { folder, append } = logAhead(0);
    const log = new LogFile(folder);
    for (let i = 0; i < 4_000; i++) append(`line ${i}\n`, i);
    appendFileSync(join(folder, "LOG"), `${"x".repeat(200_000)}\nno line\n`);
    append("last\n", 5_000);
    const read = [];
    for (let i = 0; i < 20; i++) read.push(...log.lines());
    log.close();
    expect(read.length).to.equal(4_001);
    expect(read.at(-1)!.text).to.equal("last");
    expect(statSync(join(folder, "LOG")).size).to.be.above(300_000);
  });

  it("has no lines of impossible times, which say nothing of how long something took", () => {
    const { folder, append } = logAhead(0);
    const log = new LogFile(folder);
    append("now\n", 0);
    for (const time of ["9999/12/31-23:59:59.999999", "1970/01/01-00:00:00.000000", "2026/99/99-99:99:99.999999"])
      appendFileSync(join(folder, "LOG"), `${time} 7f1c impossible\n`);
    append("then\n", 1_000);
    expect(log.lines().map(({ text, time }) => [text, time])).to.deep.equal([
      ["now", BigInt(AT) * 1_000_000n + 456_000n],
      ["then", BigInt(AT + 1_000) * 1_000_000n + 456_000n],
    ]);
    appendFileSync(join(folder, "LOG"), "9999/12/31-23:59:59.999999 7f1c last\n");
    expect(log.lines()).to.deep.equal([]);
    log.close();
  });

  it("is not waited for if there is a pipe in its place", () => {
    const folder = temporaryFolder();
    execFileSync("mkfifo", [join(folder, "LOG")]);
    expect(() => new LogFile(folder)).to.throw("LOG is no file");
  });
});

it("keeps no log open of a database that is closed", async () => {
  if (!existsSync("/proc/self/fd")) return;
  const { readlinkSync } = await import("node:fs");
  const db = new Level(join(temporaryFolder(), "log-closed"));
  const open = (): string[] =>
    readdirSync("/proc/self/fd").flatMap((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`);
      } catch {
        return [];
      }
    });
  await db.open();
  expect(open().filter((path) => path.startsWith(db.location) && path.endsWith("LOG"))).to.have.length(2);
  await db.close();
  expect(open().filter((path) => path.startsWith(db.location))).to.deep.equal([]);
});
