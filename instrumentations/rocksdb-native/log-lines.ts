import type { StorageCompactionReason, StorageFlushReason } from "../../semconv/index.ts";
import { DROPPING, type LogLine } from "../lsm/log-file.ts";
import type { LogReader, LogReports } from "../lsm/runs.ts";
import {
  COMPACTION_REASONS,
  eventIn,
  failureOf,
  FLUSH_REASONS,
  GIVEN_UP,
  stallReasonOf,
  type LogEvent,
} from "./log-events.ts";
import { Stalls } from "./stalls.ts";

/** Maximum number of jobs that have begun and not ended, and of threads with a result. */
const MAX_JOBS = 256;

interface FlushJob {
  readonly start: bigint;
  readonly thread: string;
  readonly reason: StorageFlushReason | undefined;
  readonly filled: bigint | undefined;
  family: string;
  bytes: number;
  failure: string | undefined;
}

interface CompactionJob {
  readonly start: bigint;
  readonly family: string;
  readonly reason: StorageCompactionReason | undefined;
  readonly inputs: number;
  readonly inputBytes: number | undefined;
}

/** Result of a compaction, which its thread writes just before the event of its end. */
interface CompactionResult {
  readonly amplification: number;
  readonly failure: string | undefined;
}

/** Line that was written later than what it says: its time is that of the writing. */
const DELAYED = /^\(Original Log Time [^)]{1,40}\) /;
/** `[WARN] [db/column_family.cc:1050] [default] Stopping writes because …`, without the names of column families. */
const SOURCE = /^(?:\[[A-Z]+\] )?\[[\w/]+\.cc:\d+\] /;
const OF_FAMILY = /^\[([^\]]{0,256})\] /;

const STOPPING = /^Stopping writes because (.*)/;
const RESULT = /^([\d.]+)\) (\w[^,]*)/;
const FLUSHED = /^\[JOB (\d+)\] Level-0 flush table #\d+: \d+ bytes (\w.*)/;
const FAILED = /^(?:\[JOB \d+\] )?Waiting after background (flush|compaction) error: (\w.*)/;
const RECOVERING = /^Recover(?:ing|ed to) log #\d/;
const VERSION = /^RocksDB version: ([\d.]{1,32})$/;

/** Reader of the lines of RocksDB's log. Only numbers, names and the class of an error are taken from them. */
export class LogLines implements LogReader {
  readonly #reports: LogReports;
  readonly #stalls: Stalls;
  readonly #flushes = new Map<number, FlushJob>();
  readonly #compactions = new Map<number, CompactionJob>();
  /** Results by thread. */
  readonly #results = new Map<string, CompactionResult>();
  /** Start of the current step of the recovery. */
  #recovery: bigint | undefined;
  /** Times at which memtables became full that no flush has begun to write yet. */
  #full: bigint[] = [];
  #version: string | undefined;

  constructor(reports: LogReports) {
    this.#reports = reports;
    this.#stalls = new Stalls(reports);
  }

  get compacting(): number {
    return this.#compactions.size;
  }

  get stalls(): readonly bigint[] {
    return this.#stalls.starts;
  }

  /** Version of RocksDB; undefined if the log does not say. */
  get version(): string | undefined {
    return this.#version;
  }

  read(line: LogLine): void {
    const text = line.text.replace(DELAYED, "");
    const event = eventIn(text);
    if (event !== undefined) return this.#readEvent(event, line.thread);
    const message = text.replace(SOURCE, "");
    if (message === text) this.#version ??= VERSION.exec(text)?.[1];
    else this.#readMessage(line, message);
  }

  ended(): void {
    this.#stalls.clear();
    this.#flushes.clear();
    this.#compactions.clear();
    this.#results.clear();
  }

  #readMessage({ time, thread }: LogLine, message: string): void {
    const [head = "", family] = OF_FAMILY.exec(message) ?? [];
    const text = family === undefined || message.startsWith("[JOB ") ? message : message.slice(head.length);
    if (RECOVERING.test(text)) this.#recovery = time;
    else if (text.startsWith("New memtable created")) this.#filled(time);
    else if (text.startsWith("compacted to:")) this.#readResult(text, thread);
    else if (DROPPING.test(text)) this.#reports.corrupted("wal");
    else this.#readState(text, family ?? "", { time, thread });
  }

  #readState(text: string, family: string, at: { readonly time: bigint; readonly thread: string }): void {
    const [, cause] = STOPPING.exec(text) ?? [];
    const reason = cause === undefined ? undefined : stallReasonOf(cause);
    if (reason !== undefined) return this.#stalls.stopped(family, reason, at);
    const [, job, result] = FLUSHED.exec(text) ?? [];
    const flush = this.#flushes.get(Number(job));
    if (flush !== undefined) Object.assign(flush, { family, failure: failureOf(result!) });
    const [, work, status] = FAILED.exec(text) ?? [];
    if (status !== undefined) this.#workFailed(work!, failureOf(status) ?? "_OTHER", at);
  }

  /** A memtable is full: another one was made. */
  #filled(time: bigint): void {
    if (this.#full.length < MAX_JOBS) this.#full.push(time);
  }

  #readResult(text: string, thread: string): void {
    const [, amplification, status] = RESULT.exec(text.split(" write-amplify(", 2)[1] ?? "") ?? [];
    if (status === undefined) return;
    if (this.#results.size >= MAX_JOBS) this.#results.clear();
    this.#results.set(thread, { amplification: Number(amplification), failure: failureOf(status) });
  }

  #workFailed(work: string, failure: string, at: { readonly time: bigint; readonly thread: string }): void {
    if (failure === GIVEN_UP) return;
    // A flush that failed has no event of its end.
    const [job, flush] = [...this.#flushes].find(([, { thread }]) => work === "flush" && thread === at.thread) ?? [];
    if (flush !== undefined) {
      this.#flushes.delete(job!);
      this.#reports.flushed({ ...flush, end: at.time, failure });
    }
    this.#reports.failed(work === "flush" ? "flush" : "compaction", failure);
  }

  #readEvent(event: LogEvent, thread: string): void {
    const { event: name, time } = event;
    if (name === "flush_started") this.#flushStarted(event, thread);
    else if (name === "flush_finished") this.#flushFinished(event, thread);
    else if (name === "compaction_started") this.#compactionStarted(event);
    else if (name === "compaction_finished") this.#compactionFinished(event, thread);
    else if (name === "table_file_creation" || name === "blob_file_creation") this.#created(event);
    else if (name === "recovery_started") this.#recovery = time;
    else if (name === "recovery_finished") this.#recovery = undefined;
  }

  #flushStarted({ job, time, text, number }: LogEvent, thread: string): void {
    if (this.#flushes.size >= MAX_JOBS) this.#flushes.clear();
    // Which of several memtables this flush writes is not said.
    const filled = this.#full.length === 1 ? this.#full[0] : undefined;
    this.#full.splice(0, number("num_memtables") ?? 1);
    const reason = FLUSH_REASONS.get(text("flush_reason"));
    this.#flushes.set(job, { start: time, thread, reason, filled, family: "", bytes: 0, failure: undefined });
  }

  #flushFinished({ job, time }: LogEvent, thread: string): void {
    const flush = this.#flushes.get(job);
    if (flush === undefined) return;
    this.#flushes.delete(job);
    if (flush.failure !== GIVEN_UP) this.#reports.flushed({ ...flush, end: time });
    this.#stalls.released(flush.family, (reason) => reason === "memtable_limit", { time, thread });
  }

  /** A file was written: by a flush, a compaction, or the recovery, whose flush has no events of its own. */
  #created({ job, time, text, number }: LogEvent): void {
    const bytes = number("file_size") ?? number("total_blob_bytes") ?? 0;
    const flush = this.#flushes.get(job);
    if (flush !== undefined) {
      flush.bytes += bytes;
      flush.family = text("cf_name") ?? flush.family;
    } else if (this.#recovery !== undefined) {
      this.#reports.flushed({ start: this.#recovery, end: time, reason: "recovery", bytes, failure: undefined });
      this.#recovery = time;
    }
  }

  #compactionStarted({ job, time, text, number, inputs }: LogEvent): void {
    if (this.#compactions.size >= MAX_JOBS) this.#compactions.clear();
    this.#compactions.set(job, {
      start: time,
      family: text("cf_name") ?? "",
      reason: COMPACTION_REASONS.get(text("compaction_reason")),
      inputs,
      inputBytes: number("input_data_size"),
    });
  }

  #compactionFinished({ job, time, number }: LogEvent, thread: string): void {
    const compaction = this.#compactions.get(job);
    const { failure, amplification } = this.#results.get(thread) ?? {};
    this.#results.delete(thread);
    if (compaction === undefined) return;
    this.#compactions.delete(job);
    const cpu = number("compaction_time_cpu_micros");
    if (failure !== GIVEN_UP)
      this.#reports.compacted({
        ...compaction,
        end: time,
        level: number("output_level") ?? 0,
        outputs: (number("num_output_files") ?? 0) + (number("num_blob_output_files") ?? 0),
        bytes: (number("total_output_size") ?? 0) + (number("total_blob_output_size") ?? 0),
        amplification: failure === undefined ? amplification : undefined,
        cpu: cpu === undefined ? undefined : cpu / 1e6,
        failure,
      });
    this.#stalls.released(compaction.family, (reason) => reason !== "memtable_limit", { time, thread });
  }
}
