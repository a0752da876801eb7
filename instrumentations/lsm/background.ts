import type { Context } from "@opentelemetry/api";
import {
  ATTR_DISK_IO_DIRECTION,
  ATTR_ERROR_TYPE,
  ATTR_STORAGE_COMPACTION_BYTE_COUNT,
  ATTR_STORAGE_COMPACTION_FILE_ROLE,
  ATTR_STORAGE_COMPACTION_REASON,
  ATTR_STORAGE_COMPACTION_TYPE,
  ATTR_STORAGE_CPU_ACTIVITY,
  ATTR_STORAGE_FILE_TYPE,
  ATTR_STORAGE_FLUSH_REASON,
  ATTR_STORAGE_LEVEL_NUMBER,
  ATTR_STORAGE_STALL_REASON,
  ATTR_STORAGE_TASK_NAME,
  KIND_EVENT_STORAGE_BACKGROUND_ERROR,
  KIND_EVENT_STORAGE_CORRUPTION,
  KIND_EVENT_STORAGE_WRITE_STALL,
  KIND_STORAGE_COMPACTION,
  KIND_STORAGE_FLUSH,
  KIND_STORAGE_STALL,
  METRIC_STORAGE_COMPACTION_FILES,
  METRIC_STORAGE_COMPACTION_IO,
  METRIC_STORAGE_COMPACTION_WRITE_AMPLIFICATION,
  METRIC_STORAGE_CPU_TIME,
  type StorageCompactionFileRole,
  type StorageFileType,
  type StorageStallReason,
  type StorageTaskName,
} from "../../semconv/index.ts";
import { activeContext } from "../../src/context/active.ts";
import { emitEvent } from "../../src/instrument/emit-event.ts";
import { metricRegistry } from "../../src/metrics/registry.ts";
import type { Instance } from "../../src/recording/instance.ts";
import { recordBackground } from "../../src/recording/record-activity.ts";
import { LogTail, type LogSource } from "./log-tail.ts";
import type { CompactionRun, FlushRun, LogReader, LogReports, StallRun } from "./runs.ts";
import { WritesInFlight } from "./writes-in-flight.ts";

const io = metricRegistry.instrument(METRIC_STORAGE_COMPACTION_IO);
const files = metricRegistry.instrument(METRIC_STORAGE_COMPACTION_FILES);
const amplifications = metricRegistry.instrument(METRIC_STORAGE_COMPACTION_WRITE_AMPLIFICATION);
const cpuTimes = metricRegistry.instrument(METRIC_STORAGE_CPU_TIME);

/** Requests of the application whose times are known; an engine runs one after the other. */
const MAX_REQUESTS = 16;

/** Flush or compaction that the application asked for. */
interface Request {
  readonly context: Context;
  /** In nanoseconds of Unix time. */
  readonly start: bigint;
  end: bigint | undefined;
}

/** The clock of lines has microseconds, that of JavaScript milliseconds. */
const unixNow = (): bigint => BigInt(Date.now()) * 1_000_000n;
const MILLISECOND = 1_000_000n;

/** Flushes, compactions and stalls of an open database, by its log. */
export class Background implements LogReports {
  readonly writes: WritesInFlight = new WritesInFlight();
  readonly #instance: Instance;
  readonly #reader: LogReader;
  readonly #tail: LogTail;
  readonly #requests: Request[] = [];
  /** Bytes that flushes and compactions wrote. */
  #flushed = 0;
  #compacted = 0;
  #failure: string | undefined;
  #lastCompaction: number | undefined;

  /** @param readerOf makes the reader of the lines of the engine */
  constructor(source: LogSource, readerOf: (background: Background) => LogReader) {
    this.#instance = source.instance;
    this.#reader = readerOf(this);
    this.#tail = new LogTail(source, this.#reader);
    io.bind({ ...source.instance.attributes, [ATTR_DISK_IO_DIRECTION]: "write" });
  }

  /** Number of compactions in progress; undefined if the log cannot be read, as all that follows. */
  get compacting(): number | undefined {
    return this.#tail.isReadable ? this.#reader.compacting : undefined;
  }

  /** Starts of the stalls in progress, in nanoseconds of Unix time. */
  get stalls(): readonly bigint[] | undefined {
    return this.#tail.isReadable ? this.#reader.stalls : undefined;
  }

  /** `error.type` of work that failed, after which none has succeeded. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Unix time of the end of the last compaction, in milliseconds. */
  get lastCompaction(): number | undefined {
    return this.#lastCompaction;
  }

  /** Bytes written for each byte flushed; undefined before the first flush. */
  get writeAmplification(): number | undefined {
    return this.#flushed === 0 ? undefined : (this.#flushed + this.#compacted) / this.#flushed;
  }

  /**
   * Notes that the application flushes or compacts, until the returned function is called: what the engine does meanwhile
   * for that reason is linked to the span in whose context this is called.
   */
  requested(): () => void {
    const request: Request = { context: activeContext(), start: unixNow(), end: undefined };
    if (this.#requests.length >= MAX_REQUESTS) this.#requests.shift();
    this.#requests.push(request);
    return () => (request.end = unixNow());
  }

  /** Tells whether the application flushed or compacted at a time. */
  isRequested(time: bigint): boolean {
    return this.#requestAt(time) !== undefined;
  }

  /** Reads the log to its end. */
  close(): void {
    this.#tail.close();
  }

  flushed({ start, end, reason, bytes, failure, filled }: FlushRun): void {
    const writer = reason === "memtable_full" ? filled : undefined;
    recordBackground(this.#instance, KIND_STORAGE_FLUSH, {
      startUnixNanos: start,
      endUnixNanos: end,
      attributes: { [ATTR_STORAGE_FLUSH_REASON]: reason },
      cause: this.#requestAt(start)?.context ?? (writer === undefined ? undefined : this.writes.spanAt(writer)),
      failure,
      bytes: failure === undefined ? bytes : undefined,
    });
    if (failure !== undefined) return;
    this.#flushed += bytes;
    this.#failure = undefined;
  }

  compacted(run: CompactionRun): void {
    const { start, end, reason, level, bytes, failure } = run;
    recordBackground(this.#instance, KIND_STORAGE_COMPACTION, {
      startUnixNanos: start,
      endUnixNanos: end,
      attributes: {
        [ATTR_STORAGE_COMPACTION_TYPE]: "leveled",
        [ATTR_STORAGE_COMPACTION_REASON]: reason,
        [ATTR_STORAGE_LEVEL_NUMBER]: level,
        [ATTR_STORAGE_COMPACTION_BYTE_COUNT]: bytes,
      },
      cause: reason === "manual" ? this.#requestAt(start)?.context : undefined,
      failure,
    });
    if (failure !== undefined) return;
    this.#compacted += bytes;
    this.#failure = undefined;
    this.#lastCompaction = Number(end / MILLISECOND);
    this.#measure(run);
  }

  stalling(reason: StorageStallReason): void {
    emitEvent(this.#instance, KIND_EVENT_STORAGE_WRITE_STALL, { [ATTR_STORAGE_STALL_REASON]: reason });
  }

  stalled({ start, end, reason }: StallRun): void {
    const attributes = { [ATTR_STORAGE_STALL_REASON]: reason };
    recordBackground(this.#instance, KIND_STORAGE_STALL, { startUnixNanos: start, endUnixNanos: end, attributes });
  }

  failed(task: StorageTaskName, failure: string): void {
    this.#failure = failure;
    const attributes = { [ATTR_STORAGE_TASK_NAME]: task, [ATTR_ERROR_TYPE]: failure };
    emitEvent(this.#instance, KIND_EVENT_STORAGE_BACKGROUND_ERROR, attributes);
  }

  corrupted(file: StorageFileType): void {
    emitEvent(this.#instance, KIND_EVENT_STORAGE_CORRUPTION, { [ATTR_STORAGE_FILE_TYPE]: file });
  }

  /** Adds a compaction to the metrics that only have successful ones. */
  #measure({ reason, inputs, outputs, bytes, inputBytes, amplification, cpu }: CompactionRun): void {
    const { attributes } = this.#instance;
    io.bind({ ...attributes, [ATTR_DISK_IO_DIRECTION]: "write" }).add(bytes);
    if (inputBytes !== undefined) io.bind({ ...attributes, [ATTR_DISK_IO_DIRECTION]: "read" }).add(inputBytes);
    const roles: Readonly<Record<StorageCompactionFileRole, number>> = { input: inputs, output: outputs };
    for (const [role, number] of Object.entries(roles))
      files.bind({ ...attributes, [ATTR_STORAGE_COMPACTION_FILE_ROLE]: role }).add(number);
    const kind = { [ATTR_STORAGE_COMPACTION_TYPE]: "leveled", [ATTR_STORAGE_COMPACTION_REASON]: reason };
    if (amplification !== undefined) amplifications.bind({ ...attributes, ...kind }).record(amplification);
    if (cpu !== undefined) cpuTimes.bind({ ...attributes, [ATTR_STORAGE_CPU_ACTIVITY]: "compaction" }).add(cpu);
  }

  /** Returns the request of the application that ran at a time. */
  #requestAt(time: bigint): Request | undefined {
    return this.#requests.findLast(
      ({ start, end }) => start - MILLISECOND <= time && (end === undefined || time <= end + MILLISECOND),
    );
  }
}
