import type { StorageCompactionReason, StorageFlushReason, StorageStallReason } from "../../semconv/index.ts";
import { DROPPING, type LogLine } from "../lsm/log-file.ts";
import type { LogReader, LogReports } from "../lsm/runs.ts";

/** Files of level 0 from which LevelDB merges them. With fewer, a file may be merged as it was often searched in vain. */
const LEVEL_0_TRIGGER = 4;

/** Maximum number of flushes that have begun; LevelDB runs one at a time. */
const MAX_FLUSHES = 16;

const FLUSHING = /^Level-0 table #(\d+): started/;
const FLUSHED = /^Level-0 table #(\d+): (\d+) bytes (.*)/;
const COMPACTING = /^Compacting (\d+)@(\d+) \+ (\d+)@(\d+) files/;
const GENERATED = /^Generated table #\d+@\d+:/;
const COMPACTED = /^Compacted .* => (\d+) bytes/;
const FAILED = /^Compaction error: (.*)/;

const STALLS: readonly (readonly [text: string, reason: StorageStallReason])[] = [
  ["Current memtable full; waiting", "memtable_limit"],
  ["Too many L0 files; waiting", "level0_files"],
];

/** Types of the errors that LevelDB writes as text, as the package names them. */
const ERRORS: readonly (readonly [text: string, type: string])[] = [
  ["IO error", "LEVEL_IO_ERROR"],
  ["Corruption", "LEVEL_CORRUPTION"],
];

const errorTypeOf = (status: string): string => ERRORS.find(([text]) => status.startsWith(text))?.[1] ?? "_OTHER";

interface OpenCompaction {
  readonly start: bigint;
  readonly reason: StorageCompactionReason | undefined;
  readonly level: number;
  readonly inputs: number;
  outputs: number;
  /** Set when all its files are written. */
  bytes: number | undefined;
  /** Set when it has ended without its result being in use: the next line says whether it failed. */
  end: bigint | undefined;
}

interface OpenStall {
  readonly start: bigint;
  readonly reason: StorageStallReason;
  /** Set when there are fewer files of level 0, which may still be too many. */
  released: bigint | undefined;
}

/**
 * Reader of the lines of LevelDB's log. Only numbers and the kind of an error are taken from them: some have keys in them.
 */
export class LogLines implements LogReader {
  readonly #reports: LogReports;
  readonly #flushes = new Map<string, { readonly start: bigint; readonly reason: StorageFlushReason | undefined }>();
  readonly #flushReason: (time: bigint) => StorageFlushReason | undefined;
  #compaction: OpenCompaction | undefined;
  #stall: OpenStall | undefined;
  #isManual = false;
  /** The thread that opened the database. */
  #opener: string | undefined;

  /** @param flushReason returns the reason of a flush that began at a time, if it is not that of the opening */
  constructor(reports: LogReports, flushReason: (time: bigint) => StorageFlushReason | undefined) {
    this.#reports = reports;
    this.#flushReason = flushReason;
  }

  get compacting(): number {
    return this.#compaction !== undefined && this.#compaction.end === undefined ? 1 : 0;
  }

  get stalls(): readonly bigint[] {
    return this.#stall === undefined || this.#stall.released !== undefined ? [] : [this.#stall.start];
  }

  read(line: LogLine): void {
    const { text, thread } = line;
    if (text.startsWith("Recovering log")) this.#opener = thread;
    else if (text.startsWith("Level-0 table")) this.#readFlush(line);
    else if (text.startsWith("Manual compaction")) this.#isManual = true;
    else if (text.startsWith("Delete type=")) this.#readDelete(line);
    else if (/^(?:Comp|comp|Gen|MANIFEST)/.test(text)) this.#readCompaction(line);
    else if (DROPPING.test(text)) this.#reports.corrupted("wal");
    else this.#readStall(line);
  }

  ended(): void {
    this.#endReleased();
    this.#stall = this.#compaction = undefined;
    this.#flushes.clear();
  }

  #readFlush({ time, thread, text }: LogLine): void {
    const [, begun] = FLUSHING.exec(text) ?? [];
    if (begun !== undefined) {
      this.#endReleased();
      if (this.#flushes.size >= MAX_FLUSHES) this.#flushes.clear();
      const reason = thread === this.#opener ? "recovery" : this.#flushReason(time);
      this.#flushes.set(begun, { start: time, reason });
      return;
    }
    const [, number, bytes, status] = FLUSHED.exec(text) ?? [];
    const flush = this.#flushes.get(number!);
    if (flush === undefined) return;
    this.#flushes.delete(number!);
    const failure = status === "OK" ? undefined : errorTypeOf(status!);
    this.#reports.flushed({ ...flush, filled: flush.start, end: time, bytes: Number(bytes), failure });
    if (failure === undefined) return;
    // The write that waits for it fails.
    this.#endStall(time);
    this.#reports.failed("flush", failure);
  }

  #readCompaction(line: LogLine): void {
    const { text, time } = line;
    const compaction = this.#compaction;
    const [, inputs, from, more, level] = COMPACTING.exec(text) ?? [];
    if (level !== undefined) {
      const reason = this.#reasonOf(Number(from), Number(inputs));
      this.#compaction = {
        start: time,
        reason,
        level: Number(level),
        inputs: Number(inputs) + Number(more),
        outputs: 0,
        bytes: undefined,
        end: undefined,
      };
      return;
    }
    const [, failed] = FAILED.exec(text) ?? [];
    if (failed !== undefined) return this.#compactionFailed(errorTypeOf(failed));
    if (compaction === undefined) return;
    if (GENERATED.test(text)) compaction.outputs++;
    else if (text.startsWith("compacted to")) this.#compactionEnded(compaction, time);
    else if (text.startsWith("MANIFEST")) compaction.bytes = undefined;
    else compaction.bytes = Number(COMPACTED.exec(text)?.[1] ?? NaN);
  }

  #compactionEnded(compaction: OpenCompaction, time: bigint): void {
    // Without a result it failed, or the database is being closed.
    if (compaction.bytes === undefined) compaction.end = time;
    else {
      this.#compaction = undefined;
      this.#reports.compacted({ ...compaction, end: time, bytes: compaction.bytes, failure: undefined });
    }
    if (this.#stall?.reason === "level0_files") this.#stall.released = time;
  }

  #compactionFailed(failure: string): void {
    const compaction = this.#compaction;
    this.#compaction = undefined;
    if (compaction?.end !== undefined)
      this.#reports.compacted({ ...compaction, end: compaction.end, bytes: 0, failure });
    this.#reports.failed("compaction", failure);
  }

  #reasonOf(from: number, inputs: number): StorageCompactionReason | undefined {
    const isManual = this.#isManual;
    this.#isManual = false;
    if (isManual) return "manual";
    return from === 0 && inputs >= LEVEL_0_TRIGGER ? "level_files" : undefined;
  }

  #readStall({ text, time }: LogLine): void {
    const reason = STALLS.find(([begin]) => text.startsWith(begin))?.[1];
    if (reason === undefined) return;
    const stall = this.#stall;
    if (stall?.reason === reason) {
      // It was woken, and waits again.
      stall.released = undefined;
      return;
    }
    this.#endStall(stall?.released ?? time);
    this.#stall = { start: time, reason, released: undefined };
    this.#reports.stalling(reason);
  }

  /**
   * LevelDB removes the log of a memtable when its flush is complete, and the files that were merged when the compaction
   * is: it is then that writes go on.
   */
  #readDelete({ text, time }: LogLine): void {
    const stall = this.#stall;
    if (stall?.reason === "memtable_limit" && text.startsWith("Delete type=0")) this.#endStall(time);
    else if (stall?.released !== undefined) stall.released = time;
  }

  /** Ends a stall whose write has gone on, as is seen by what follows. */
  #endReleased(): void {
    if (this.#stall?.released !== undefined) this.#endStall(this.#stall.released);
  }

  #endStall(time: bigint): void {
    const stall = this.#stall;
    if (stall === undefined) return;
    this.#stall = undefined;
    this.#reports.stalled({ ...stall, end: time });
  }
}
