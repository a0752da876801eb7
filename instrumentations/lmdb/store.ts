/** The part of lmdb that the instrumentation uses. */
import type { AnyFunction } from "../../src/instrument/wrap.ts";

/** Functions that make the wrappers of methods, by the name of the method. */
export type Methods = Readonly<Record<string, (original: AnyFunction) => AnyFunction>>;

/** Native environment: the files of a database, which the stores of one `open` share. */
export interface NativeEnv {
  /** 0 once it is closed. */
  readonly address: number;
  readonly path: string;
  /** Open write transaction, whose operations are synchronous. */
  readonly writeTxn?: object | null;
  info(): EnvInfo;
  /** Returns the statistics of the root database, and those of the list of free pages. Both need a read transaction. */
  stat(): Stat;
  freeStat(): Stat;
  readerList(): readonly string[];
}

interface EnvInfo {
  readonly mapSize: number;
  readonly lastPageNumber: number;
  readonly lastTxnId: number;
  readonly maxReaders: number;
  /** Seconds, and pages, since it was opened in this process; absent unless it was opened with `trackMetrics`. */
  readonly timePageFlushes?: number;
  readonly timeSync?: number;
  readonly pagesWritten?: number;
}

export interface Stat {
  readonly pageSize: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
  readonly entryCount: number;
}

/** Database of an environment: the root, or a named one. */
export interface Store {
  readonly env?: NativeEnv;
  /** Absent or null for the root. */
  readonly name?: string | null;
  readonly isRoot?: boolean;
  readonly useVersions?: boolean;
  readonly noFSAccess?: boolean;
  readonly sharedStructuresKey?: unknown;
  trackMetrics?: boolean;
  readonly deleteOnClose?: boolean;
  /** Absent from a store that is read only. */
  readonly put?: unknown;
  on(event: "aftercommit", listener: () => void): void;
  ensureReadTxn(): void;
  getBinary(key: Uint8Array): Uint8Array | undefined;
}

/** Read transaction that the application uses. */
export interface ReadTransaction {
  readonly refCount?: number;
}

/** Promise of a write; that of a write inside of a transaction is known at once. */
export interface WritePromise extends Promise<unknown> {
  readonly isSync?: boolean;
  readonly result?: boolean;
}

/** What a callback returns to give its transaction up, and what stands for "any version": numbers nobody guesses. */
export const ABORT = 4.452694326329068e-106;
export const IF_EXISTS = 3.542694326329068e-103;
