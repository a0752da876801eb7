import { expect } from "chai";
import { describe, it } from "mocha";
import type { LogReports } from "../../../instrumentations/lsm/runs.ts";
import { LogLines } from "../../../instrumentations/rocksdb-native/log-lines.ts";

const SECOND = 1_000_000_000n;

/** Reads lines, each with its time in seconds and its thread. @returns what they report, by name */
function reported(...lines: readonly (readonly [seconds: number, thread: string, text: string])[]): unknown[] {
  const all: unknown[] = [];
  const reporter = new Proxy(
    {},
    {
      get:
        (_, name) =>
        (...values: object[]) =>
          all.push([name, ...values]),
    },
  );
  const reader = new LogLines(reporter as LogReports);
  for (const [seconds, thread, text] of lines) reader.read({ time: BigInt(Math.round(seconds * 1e9)), thread, text });
  all.push(reader.stalls.length);
  return all;
}

const WARN =
  "[WARN] [db/column_family.cc:1050] [default] Stopping writes because we have 2 immutable memtables (waiting for flush), max_write_buffer_number is set to 2";
const event = (seconds: number, fields: object): string =>
  `(Original Log Time 2026/11/28-03:38:50.776323) EVENT_LOG_v1 ${JSON.stringify({ time_micros: seconds * 1e6, ...fields })}`;
const started = (seconds: number, job: number): string =>
  event(seconds, { job, event: "flush_started", num_memtables: 1, flush_reason: "Write Buffer Full" });
const created = (seconds: number, job: number): string =>
  event(seconds, { job, event: "table_file_creation", cf_name: "default", file_size: 100 });
const finished = (seconds: number, job: number): string => event(seconds, { job, event: "flush_finished" });
const stall = (start: number, end: number): unknown[] => [
  "stalled",
  { reason: "memtable_limit", start: BigInt(start) * SECOND, end: BigInt(end) * SECOND },
];
const stalls = (all: unknown[]): unknown[] => all.filter((each) => !Array.isArray(each) || each[0] === "stalled");

describe("the log of RocksDB", () => {
  it("has a stall from the line that stops writes to the end of the flush that removes its reason", () => {
    const all = reported([1, "w", WARN], [1, "f", started(1, 2)], [2, "f", created(2, 2)], [3, "f", finished(3, 2)]);
    expect(stalls(all)).to.deep.equal([stall(1, 3), 0]);
  });

  it("has one stall where writes stay stopped after a flush, as the thread of the flush says", () => {
    const all = reported(
      [1, "w", WARN],
      [1, "f", started(1, 2)],
      [2, "f", created(2, 2)],
      [3.1, "f", WARN],
      [3.2, "f", finished(3, 2)],
      [4, "f", started(4, 3)],
      [5, "f", created(5, 3)],
      [6, "f", finished(6, 3)],
    );
    expect(stalls(all)).to.deep.equal([stall(1, 6), 0]);
  });

  it("has two stalls where a write fills the next memtable before the end of the flush is written", () => {
    const all = reported(
      [1, "w", WARN],
      [1, "f", started(1, 2)],
      [2, "f", created(2, 2)],
      [4, "v", WARN],
      [4.1, "f", finished(3, 2)],
    );
    expect(stalls(all)).to.deep.equal([stall(1, 3), 1]);
  });

  it("has no work that was given up, and failures of the class that the engine names", () => {
    const compaction = (name: string, more: object = {}): string =>
      event(5, { job: 7, event: `compaction_${name}`, cf_name: "default", compaction_reason: "Ttl", ...more });
    const result = (status: string): string =>
      `[db/compaction/compaction_job.cc:1003] [default] compacted to: files[1 0], MB/sec: 1.0 rd, read-write-amplify(4.3) write-amplify(1.6) ${status}, records in: 3`;
    const run = (status: string): unknown[] =>
      reported(
        [5, "c", compaction("started", { files_L0: [1, 2] })],
        [5, "c", result(status)],
        [5, "c", compaction("finished")],
      );
    expect(run("Shutdown in progress: Database shutdown")).to.deep.equal([0]);
    const [, ok] = run("OK")[0] as [string, object];
    expect(ok).to.include({ reason: "ttl", inputs: 2, amplification: 1.6, failure: undefined });
    const [, failed] = run("IO error: No space left on device: /secret/000012.sst")[0] as [string, object];
    expect(failed).to.include({ failure: "NoSpace", amplification: undefined });
    const error =
      "[ERROR] [db/db_impl.cc:3351] [JOB 2] Waiting after background flush error: IO error: disk, Accumulated background error counts: 1";
    const [[name, flush], failure] = reported([1, "f", started(1, 2)], [2, "f", error]) as [[string, object], object];
    expect([name, failure]).to.deep.equal(["flushed", ["failed", "flush", "IOError"]]);
    expect(flush).to.include({ failure: "IOError", end: 2n * SECOND });
  });

  it("is not confused by lines that are incomplete, foreign or endless", () => {
    const odd = [
      "EVENT_LOG_v1 {",
      "EVENT_LOG_v1 null",
      'EVENT_LOG_v1 {"event":"flush_finished"}',
      "\0".repeat(500),
      "[",
      "",
    ];
    const endless = `[db/a.cc:1] [${"x".repeat(20_000)}`;
    const many = Array.from({ length: 2_000 }, (_, i) => [1, String(i), started(1, i)] as const);
    const lines = [...odd, endless, finished(1, 99), WARN.replace("immutable", "secret")];
    expect(reported(...lines.map((text) => [1, "t", text] as const), ...many)).to.deep.equal([0]);
  });
});
