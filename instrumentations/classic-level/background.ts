import type { Context } from "@opentelemetry/api";
import {
  ATTR_ERROR_TYPE,
  ATTR_DISK_IO_DIRECTION,
  ATTR_STORAGE_COMPACTION_BYTE_COUNT,
  ATTR_STORAGE_COMPACTION_FILE_ROLE,
  ATTR_STORAGE_COMPACTION_REASON,
  ATTR_STORAGE_COMPACTION_TYPE,
  ATTR_STORAGE_FLUSH_REASON,
  ATTR_STORAGE_LEVEL_NUMBER,
  ATTR_STORAGE_STALL_REASON,
  ATTR_STORAGE_TASK_NAME,
  KIND_EVENT_STORAGE_BACKGROUND_ERROR,
  KIND_EVENT_STORAGE_WRITE_STALL,
  KIND_STORAGE_COMPACTION,
  KIND_STORAGE_FLUSH,
  KIND_STORAGE_STALL,
  METRIC_STORAGE_COMPACTION_FILES,
  METRIC_STORAGE_COMPACTION_IO,
  type StorageCompactionFileRole,
  type StorageStallReason,
  type StorageTaskName,
} from "../../semconv/index.ts";
import { activeContext } from "../../src/context/active.ts";
import type { ReportingClaim } from "../../src/instrument/collectors.ts";
import { emitEvent } from "../../src/instrument/emit-event.ts";
import { metricRegistry } from "../../src/metrics/registry.ts";
import type { Instance } from "../../src/recording/instance.ts";
import { recordBackground } from "../../src/recording/record-activity.ts";
import { Guard } from "../../src/runtime/guard.ts";
import { warnOnce } from "../../src/runtime/self-log.ts";
import { errorType } from "../../src/runtime/error-type.ts";
import { LogFile } from "./log-file.ts";
import { LogLines, type CompactionRun, type FlushRun, type LogReports, type StallRun } from "./log-lines.ts";

const guard = new Guard("classic-level log");

const io = metricRegistry.instrument(METRIC_STORAGE_COMPACTION_IO);
const files = metricRegistry.instrument(METRIC_STORAGE_COMPACTION_FILES);

/** Milliseconds between two looks at the logs. */
const POLL_MS = 1_000;

/** Maximum number of reads of a log at its end. */
const MAX_LAST_READS = 64;

/** Compactions of the application whose times are known; LevelDB runs one after the other. */
const MAX_MANUAL = 16;

/** Compaction that the application asked for. */
interface ManualCompaction {
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
  readonly #instance: Instance;
  readonly #claim: ReportingClaim;
  readonly #file: LogFile | undefined;
  readonly #lines: LogLines;
  readonly #manual: ManualCompaction[] = [];
  /** False while another thread reports, and reads what there is. */
  #isReporting: boolean;

  /**
   * @param claim the claim of this thread to report, as threads can have one database open
   * @param isFresh true if the database was opened just now, and its log tells of that
   */
  constructor(instance: Instance, folder: string, claim: ReportingClaim, isFresh: boolean) {
    this.#instance = instance;
    this.#claim = claim;
    this.#lines = new LogLines(this, (time) => (this.#manualAt(time) === undefined ? "memtable_full" : undefined));
    this.#file = openLog(folder);
    this.#isReporting = claim.isOurs("log", instance);
    if (!isFresh || !this.#isReporting) this.#file?.skip();
    io.bind({ ...instance.attributes, [ATTR_DISK_IO_DIRECTION]: "write" });
    watch(this);
  }

  get isCompacting(): boolean {
    return this.#lines.isCompacting;
  }

  /**
   * Notes that the application compacts, until the returned function is called: what LevelDB does meanwhile is linked to
   * the span in whose context this is called.
   */
  compacting(): () => void {
    const manual: ManualCompaction = { context: activeContext(), start: unixNow(), end: undefined };
    if (this.#manual.length >= MAX_MANUAL) this.#manual.shift();
    this.#manual.push(manual);
    return () => (manual.end = unixNow());
  }

  /** Reads what is new in the log. */
  poll(): void {
    if (this.#file === undefined) return;
    const wasReporting = this.#isReporting;
    this.#isReporting = this.#claim.isOurs("log", this.#instance);
    if (!wasReporting || !this.#isReporting) return this.#file.skip();
    for (const line of this.#file.lines()) this.#lines.read(line);
  }

  /** Reads the log to its end. */
  close(): void {
    unwatch(this);
    const file = this.#file;
    if (file === undefined) return;
    try {
      if (this.#isReporting) this.#readRest(file);
      this.#lines.ended();
    } finally {
      file.close();
    }
  }

  #readRest(file: LogFile): void {
    for (let i = 0; i < MAX_LAST_READS; i++) {
      const lines = file.lines();
      if (lines.length === 0) return;
      for (const line of lines) this.#lines.read(line);
    }
  }

  flushed({ start, end, reason, bytes, failure }: FlushRun): void {
    const attributes = { [ATTR_STORAGE_FLUSH_REASON]: reason };
    const cause = this.#manualAt(start)?.context;
    recordBackground(this.#instance, KIND_STORAGE_FLUSH, {
      startUnixNanos: start,
      endUnixNanos: end,
      attributes,
      cause,
      failure,
      bytes: failure === undefined ? bytes : undefined,
    });
  }

  compacted({ start, end, reason, level, inputs, outputs, bytes, failure }: CompactionRun): void {
    const { attributes } = this.#instance;
    recordBackground(this.#instance, KIND_STORAGE_COMPACTION, {
      startUnixNanos: start,
      endUnixNanos: end,
      attributes: {
        [ATTR_STORAGE_COMPACTION_TYPE]: "leveled",
        [ATTR_STORAGE_COMPACTION_REASON]: reason,
        [ATTR_STORAGE_LEVEL_NUMBER]: level,
        [ATTR_STORAGE_COMPACTION_BYTE_COUNT]: bytes,
      },
      cause: reason === "manual" ? this.#manualAt(start)?.context : undefined,
      failure,
    });
    if (failure !== undefined) return;
    io.bind({ ...attributes, [ATTR_DISK_IO_DIRECTION]: "write" }).add(bytes);
    const roles: Readonly<Record<StorageCompactionFileRole, number>> = { input: inputs, output: outputs };
    for (const [role, number] of Object.entries(roles))
      files.bind({ ...attributes, [ATTR_STORAGE_COMPACTION_FILE_ROLE]: role }).add(number);
  }

  stalling(reason: StorageStallReason): void {
    emitEvent(this.#instance, KIND_EVENT_STORAGE_WRITE_STALL, { [ATTR_STORAGE_STALL_REASON]: reason });
  }

  stalled({ start, end, reason }: StallRun): void {
    const attributes = { [ATTR_STORAGE_STALL_REASON]: reason };
    recordBackground(this.#instance, KIND_STORAGE_STALL, { startUnixNanos: start, endUnixNanos: end, attributes });
  }

  failed(task: StorageTaskName, failure: string): void {
    const attributes = { [ATTR_STORAGE_TASK_NAME]: task, [ATTR_ERROR_TYPE]: failure };
    emitEvent(this.#instance, KIND_EVENT_STORAGE_BACKGROUND_ERROR, attributes);
  }

  /** Returns the compaction of the application that ran at a time. */
  #manualAt(time: bigint): ManualCompaction | undefined {
    return this.#manual.findLast(
      ({ start, end }) => start - MILLISECOND <= time && (end === undefined || time <= end + MILLISECOND),
    );
  }
}

/** Opens the log of a database; undefined if this process may not read it. */
function openLog(folder: string): LogFile | undefined {
  try {
    return new LogFile(folder);
  } catch (error) {
    warnOnce(`flushes, compactions and stalls of LevelDB are not seen: its LOG cannot be read (${errorType(error)})`);
    return undefined;
  }
}

/** The databases whose logs are read. */
const watched = new Set<Background>();
let timer: NodeJS.Timeout | undefined;

function watch(background: Background): void {
  watched.add(background);
  timer ??= setInterval(guard.whileEnabled(pollAll), POLL_MS).unref();
}

function unwatch(background: Background): void {
  watched.delete(background);
  if (watched.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}

function pollAll(): void {
  for (const each of watched) guard.attempt(() => each.poll());
}

metricRegistry.onCollect(pollAll);
