import type { StorageFileType } from "../../semconv/index.ts";
import type { Instance } from "../recording/instance.ts";

/** Cause of a failure: storage itself, contention with another user of it, or an invalid request of the application. */
export type FailureKind = "storage" | "contention" | "application";

/** Background work of an engine that merges files. */
export interface BackgroundWork {
  /** `error.type` of work that failed, if none has succeeded since: such an engine refuses to write. */
  readonly failure: string | undefined;
  /** Unix time in milliseconds since which writes have been stopped. */
  readonly stoppedSince: number | undefined;
  /** Unix time in milliseconds since which data has waited to be compacted, without a compaction being completed. */
  readonly waitingSince: number | undefined;
}

/**
 * Open database, from its first use on, as seen by health checks and diagnostics. An engine has one for each database,
 * however many connections are open.
 */
export interface OpenDatabase {
  readonly database: Instance;
  /** Absolute paths by type of content; empty for a database without files. */
  readonly files: Readonly<Partial<Record<StorageFileType, string>>>;
  /** True if it is open read-only; undefined if its engine does not report this. */
  readonly isReadOnly: boolean | undefined;
  /** True if the application has prepared a statement that writes since it was opened. */
  readonly isWritten: boolean;
  /** Tells whether the files at its paths are the ones that were opened. */
  isInPlace(): boolean;
  /** Number of connections of the application. */
  readonly connections: number;
  /** Returns the version of the engine that opened it, if available. */
  version(): string | undefined;
  /**
   * Tells whether recovery from a crash is done, which the first read performs. If there are files to recover from, and
   * nothing has been read, this method reads.
   * @returns `done`, `unknown` if the engine cannot be queried at the moment, or the `error.type` that prevents
   * recovery
   */
  recovery(): string;
  /**
   * Returns the bytes of the write-ahead log that are not checkpointed yet; undefined if the engine does not report
   * them.
   */
  waiting(): number | undefined;
  /** Returns the state of the background work, for an engine that merges files; undefined if it cannot be told. */
  backgroundWork?(): BackgroundWork | undefined | Promise<BackgroundWork | undefined>;
  /** Returns the number of writes that succeeded, for an engine without transactions. */
  commits?(): number;
  /**
   * Classifies a failure.
   * @param errorType `error.type` of an operation
   */
  failureKind(errorType: string): FailureKind;
}

/** Returns the file by which the place of a database is checked; undefined for a database without files. */
export const fileOf = ({ files }: OpenDatabase): string | undefined => files.table ?? files.other;

const open = new Set<OpenDatabase>();

/** Monitors a database until the returned function is called. */
export function watchDatabase(database: OpenDatabase): () => void {
  open.add(database);
  return () => open.delete(database);
}

export const openDatabases = (): Iterable<OpenDatabase> => open;
