import type { StorageFileType } from "../../semconv/index.ts";
import type { Database } from "../recording/instance.ts";

/** Whose failure it is: of storage itself, of somebody else who uses it too, or of what the application asked for. */
export type FailureKind = "storage" | "contention" | "application";

/**
 * A database that is open, from its first use on, as health checks and diagnostics see it. Its engine has one for each,
 * however often it is open.
 */
export interface OpenDatabase {
  readonly database: Database;
  /** Absolute paths by what the files hold; none for a database without files. */
  readonly files: Readonly<Partial<Record<StorageFileType, string>>>;
  /** Whether it is open for reading alone; undefined where its engine does not tell. */
  readonly isReadOnly: boolean | undefined;
  /** Whether the application has prepared anything that writes since it was opened. */
  readonly isWritten: boolean;
  /** Whether the files at its paths are the ones that were opened. */
  isInPlace(): boolean;
  /** How often the application has it open. */
  readonly connections: number;
  /** Version of the engine that opened it, if it can be asked. */
  version(): string | undefined;
  /**
   * Whether what a crash left behind has been dealt with, which the first read does. Where something was left and
   * nothing has been read, it reads.
   * @returns `done`, `unknown` where the engine cannot be asked at the moment, or the `error.type` that is in the way
   */
  recovery(): string;
  /** Bytes of the write-ahead log that wait to be checkpointed; undefined where the engine does not tell. */
  waiting(): number | undefined;
  /** @param errorType `error.type` of an operation */
  failureKind(errorType: string): FailureKind;
}

const open = new Set<OpenDatabase>();

/** Has a database looked after until the returned function is called. */
export function watchDatabase(database: OpenDatabase): () => void {
  open.add(database);
  return () => open.delete(database);
}

export const openDatabases = (): Iterable<OpenDatabase> => open;
