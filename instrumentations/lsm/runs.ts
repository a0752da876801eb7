import type {
  StorageCompactionReason,
  StorageFileType,
  StorageFlushReason,
  StorageStallReason,
} from "../../semconv/index.ts";
import type { LogLine } from "./log-file.ts";

/** Work in the background that has ended. */
interface Run {
  /** Unix time in nanoseconds. */
  readonly start: bigint;
  readonly end: bigint;
}

export interface FlushRun extends Run {
  /** Undefined if it is not known. */
  readonly reason: StorageFlushReason | undefined;
  readonly bytes: number;
  readonly failure: string | undefined;
  /** Time at which its memtable was full; undefined if it is not known. */
  readonly filled?: bigint | undefined;
}

export interface CompactionRun extends Run {
  /** Undefined if it is not known. */
  readonly reason: StorageCompactionReason | undefined;
  /** The level it merged into. */
  readonly level: number;
  /** Files that it merged and wrote. */
  readonly inputs: number;
  readonly outputs: number;
  /** Bytes that it wrote. */
  readonly bytes: number;
  /** Bytes that it read; undefined if the engine does not report them. */
  readonly inputBytes?: number | undefined;
  /** Bytes written for each byte of the upper levels, as the engine reports it. */
  readonly amplification?: number | undefined;
  /** Processor time in seconds; undefined if the engine does not report it. */
  readonly cpu?: number | undefined;
  readonly failure: string | undefined;
}

export interface StallRun extends Run {
  readonly reason: StorageStallReason;
}

/** Receiver of what the log of an engine says. */
export interface LogReports {
  flushed(run: FlushRun): void;
  compacted(run: CompactionRun): void;
  stalling(reason: StorageStallReason): void;
  stalled(run: StallRun): void;
  /** Reports that work in the background failed. */
  failed(task: "flush" | "compaction", errorType: string): void;
  /** Reports that the engine found a damaged place in a file, and skipped it. */
  corrupted(file: StorageFileType): void;
}

/** Reader of the lines of an engine's log, which reports the work that has ended. */
export interface LogReader {
  read(line: LogLine): void;
  /** Notes that the database was closed: nothing that has begun will end. */
  ended(): void;
  /** Number of compactions that have begun and not ended. */
  readonly compacting: number;
  /** Starts of the stalls that have not ended, in nanoseconds of Unix time. */
  readonly stalls: readonly bigint[];
}
