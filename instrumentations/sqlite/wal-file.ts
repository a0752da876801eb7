import { now } from "../../src/runtime/clock.ts";
import type { Instance, Log } from "../../src/recording/instance.ts";
import { longestOpen } from "../../src/insights/long-open.ts";
import {
  countReset,
  expectCheckpoints,
  recordCheckpoint,
  watchLog,
  type WalSize,
  type CheckpointBlocker,
} from "../layers/wal.ts";
import type { Commit, Connection } from "./connection-hooks.ts";
import { SharedFile } from "../../src/instrument/thread-claims.ts";
import { hasLog, modifiedAt } from "../files/file-stat.ts";
import { PerDatabase } from "./per-database.ts";

/** Checkpoint progress of a log. */
interface Progress {
  /** Pages in the log. */
  readonly log: number;
  /** Pages of the log that are in the database as well. */
  readonly checkpointed: number;
}

/** Checkpoint that was inferred, not observed. */
interface Found {
  readonly pages: number | undefined;
  /** Unix time in milliseconds. */
  readonly end: number;
  /** True if the modification time of the file is the only evidence. */
  readonly isEstimated: boolean;
}

/** Inferred checkpoint, and the commit that ran it. */
export interface FoundIn extends Found {
  readonly commit: Commit;
}
/**
 * Indexes of the values shared by the threads that have a file open: the number of users, the last checkpoint that was
 * reported, and the progress of its log.
 */
const USERS = 0;
const ACCOUNTED = 1;
const PROGRESS = 2;

/** Properties of a connection that are queried once. */
interface Abilities {
  /** True if it can report the state of the log. */
  readonly tells: boolean;
  /** Pages from which its commits checkpoint the log; 0 for never. */
  readonly autocheckpoint: number;
}

/**
 * Milliseconds of timestamp resolution: Linux before 6.13 stamps a file with the time of its last tick, so two changes
 * can have the same time.
 */
const TICK = 10;

const files = new PerDatabase<WalFile>();

/**
 * State of a log, shared by the connections to its file. In WAL mode only a checkpoint writes the database file, so
 * each one is visible in the modification time of the file.
 */
export class WalFile implements Log {
  readonly database: Instance;
  readonly #path: string;
  readonly #file: SharedFile;
  /** The connections, each with its abilities; undefined until they are queried. */
  readonly #connections = new Map<Connection, Abilities | undefined>();
  /** Undefined if unknown, or no longer known. */
  #isWal: boolean | undefined;
  #modified: number | undefined;
  /** True if SQLite reports the state of the log, according to the connections queried so far. */
  #isReported = true;
  /** The progress as last seen by this thread. */
  #progress: Progress | undefined;
  #pageSize = 0;
  #unwatch: (() => void) | undefined;

  private constructor({ path, file, database }: Connection) {
    this.#path = path!;
    this.#file = new SharedFile(file!);
    this.#file.add(USERS, 1n);
    this.database = database;
  }

  /** Returns the log that a connection shares with the others to its file. */
  static of(connection: Connection): WalFile {
    const file = files.join(connection, () => new WalFile(connection));
    file.#connections.set(connection, undefined);
    return file;
  }

  remove(connection: Connection): void {
    this.#connections.delete(connection);
    if (files.leave(connection) === undefined) return;
    this.#unwatch?.();
    if (this.#file.add(USERS, -1n) <= 0n) this.#forgetProgress();
    if (this.#isWal !== true || !this.#isModified()) return;
    // The last connection of all processes deletes the log when it is closed.
    this.#record(this.#found(undefined), hasLog(this.#path) ? "other" : "shutdown");
  }

  /** Invalidates the settings: the application queries or sets the journal mode or the checkpoint interval. */
  doubtSettings(connection: Connection): void {
    this.#isWal = undefined;
    this.#connections.set(connection, undefined);
  }

  /**
   * Finds the checkpoint that one of the commits ran, if any. The commits are the last one, and the longest since the
   * previous call.
   */
  find(connection: Connection, commits: readonly Commit[], isSlow: boolean): FoundIn | undefined {
    const found = this.#isWal === true ? this.#find(connection, isSlow) : this.#findFirst(connection);
    if (found === undefined) return undefined;
    const commit = commits.find((each) => isWithin(found, each));
    if (commit !== undefined) return { ...found, commit };
    this.#record(found, "other");
    return undefined;
  }

  /** Tells whether the database is in WAL mode; queries it if unknown. */
  isWal(connection: Connection): boolean {
    if (this.#isWal === undefined) this.#open(connection);
    return this.#isWal === true;
  }

  /**
   * Returns the pages that a checkpoint of the application transferred to the database; undefined if SQLite does not
   * report them.
   */
  ran(connection: Connection): number | undefined {
    return this.#advance(connection, this.#isModified());
  }

  /** Returns the size of the log. A checkpoint that was missed so far is found here. */
  size(): WalSize | undefined {
    if (this.#isWal !== true) return undefined;
    const isModified = this.#isModified();
    const connection = this.#teller();
    const pages = connection && this.#advance(connection, isModified);
    if (isModified) this.#record(this.#found(pages), "other");
    return this.#progress && { pages: this.#progress.log, lag: this.#waiting() * this.#pageSize };
  }

  /** True if all of the log is in the database, so that the next commit restarts it if no reader needs it. */
  get isComplete(): boolean {
    return this.#progress !== undefined && this.#progress.log > 0 && this.#waiting() === 0;
  }

  /** Returns the pages in the log after a commit without a checkpoint; undefined if SQLite does not report them. */
  growth(connection: Connection): number | undefined {
    this.#advance(connection, false);
    return this.#progress?.log;
  }

  /**
   * Returns the pages of the log from which commits of a connection checkpoint it; 0 if they do not, or if it is not
   * known yet.
   */
  limitOf(connection: Connection): number {
    return this.#connections.get(connection)?.autocheckpoint ?? 0;
  }

  pinned(): number | undefined {
    // A connection that only reads has not queried the mode yet.
    for (const connection of this.#connections.keys()) if (!this.isWal(connection)) return undefined;
    const size = this.size();
    const limits = [...this.#connections.keys()].map((each) => this.#abilities(each).autocheckpoint);
    const limit = Math.min(...limits.filter((pages) => pages > 0)) * this.#pageSize;
    return size !== undefined && size.lag > limit ? size.lag : undefined;
  }

  /** Returns the pages that a checkpoint which just ran left in the log, and what blocked it. */
  blocker(): CheckpointBlocker | undefined {
    if (this.#waiting() === 0) return undefined;
    const databases = new Set([...this.#connections.keys()].map(({ database }) => database));
    return { pagesLeft: this.#waiting(), operation: longestOpen(databases) };
  }

  /** Returns the known number of pages of the log that are not in the database yet. */
  #waiting(): number {
    return this.#progress === undefined ? 0 : this.#progress.log - this.#progress.checkpointed;
  }

  #find(connection: Connection, isSlow: boolean): Found | undefined {
    const isModified = this.#isModified();
    const isDoubtful = isSlow && Date.now() - this.#modified! < TICK;
    if (!isModified && !isDoubtful && !this.isComplete) return undefined;
    const pages = this.#advance(connection, isModified);
    // With a rollback journal each commit writes the file; the mode may have changed unnoticed.
    if (isModified && pages === undefined) this.#open(connection);
    return this.#isWal === true && (isModified || pages! > 0) ? this.#found(pages) : undefined;
  }

  /**
   * Finds a checkpoint of the first commit, before which there is no state to compare with: the pages of a commit are
   * checkpointed after it only.
   */
  #findFirst(connection: Connection): Found | undefined {
    if (this.#isWal === false && !hasLog(this.#path)) return undefined;
    const before = this.#modified;
    this.#open(connection);
    if (this.#isWal !== true || this.#modified === before || !this.#isUnaccounted()) return undefined;
    const pages = this.#advance(connection, true);
    const { log, checkpointed } = this.#progress ?? NOTHING;
    return log > 0 && log === checkpointed ? this.#found(pages) : undefined;
  }

  #found(pages: number | undefined): Found {
    return { pages, end: this.#modified!, isEstimated: !this.#isReported };
  }

  #open(connection: Connection): void {
    const mode = this.#modeOf(connection);
    if (mode === undefined) return;
    this.#isWal = mode === "wal";
    if (!this.#isWal) return this.#leave();
    this.#modified = modifiedAt(this.#path) ?? this.#modified;
    this.#pageSize = Number(connection.query("PRAGMA main.page_size")?.[0]?.[0] ?? 0);
    if (this.#unwatch !== undefined) return;
    expectCheckpoints(this.database, "passive", this.#abilities(connection).tells);
    this.#unwatch = watchLog(this);
  }

  /** Returns the journal mode. A connection that cannot be asked is in WAL mode if there is a log. */
  #modeOf(connection: Connection): unknown {
    if (!connection.isAskable) return hasLog(this.#path) ? "wal" : undefined;
    return connection.query("PRAGMA main.journal_mode")?.[0]?.[0];
  }

  #leave(): void {
    this.#isWal = false;
    this.#progress = undefined;
    this.#forgetProgress();
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  /**
   * Tells whether the file was modified since the last call; of the threads that have it open, only the first one gets
   * true.
   */
  #isModified(): boolean {
    const before = this.#modified;
    this.#modified = modifiedAt(this.#path) ?? before;
    return this.#modified !== before && this.#isUnaccounted();
  }

  #isUnaccounted(): boolean {
    const accounted = this.#file.get(ACCOUNTED);
    const modified = BigInt(Math.round(this.#modified! * 1e3));
    return accounted !== modified && this.#file.replace(ACCOUNTED, accounted, modified);
  }

  #forgetProgress(): void {
    this.#file.replace(PROGRESS, this.#file.get(PROGRESS), pack(undefined));
  }

  /** Tells whether this thread reports the log. */
  isOurs(): boolean {
    return this.#file.isOurs();
  }

  /**
   * Queries the state of the log.
   * @returns the pages transferred to the database since the last query
   */
  #advance(connection: Connection, isModified: boolean): number | undefined {
    const before = this.#file.get(PROGRESS);
    const last = unpack(before);
    const next = this.#canTell(connection) ? progressOf(connection) : undefined;
    if (next === undefined) return undefined;
    if (next.log < 0) this.#leave();
    else {
      this.#progress = next;
      // Another thread was faster, and reports the progress.
      if (!this.#file.replace(PROGRESS, before, pack(next))) return 0;
    }
    if (last !== undefined && next.log >= 0 && next.log < last.log) countReset(this.database);
    return pagesBetween(last, next, isModified);
  }

  /** Returns a connection that can report the state of the log at the moment. */
  #teller(): Connection | undefined {
    return [...this.#connections.keys()].find((each) => this.#canTell(each));
  }

  /** Tells whether a connection can report the state of the log: the query fails within a transaction. */
  #canTell(connection: Connection): boolean {
    return this.#abilities(connection).tells && !connection.inTransaction();
  }

  #abilities(connection: Connection): Abilities {
    const known = this.#connections.get(connection);
    if (known !== undefined) return known;
    const version = connection.query("SELECT sqlite_version()")?.[0]?.[0];
    const autocheckpoint = connection.query("PRAGMA wal_autocheckpoint")?.[0]?.[0];
    const abilities = { tells: TELLING.test(String(version)), autocheckpoint: Number(autocheckpoint ?? 0) };
    if (version !== undefined && this.#connections.has(connection)) {
      this.#connections.set(connection, abilities);
      this.#isReported = abilities.tells;
    }
    return abilities;
  }

  #record(found: Found, trigger: "other" | "shutdown"): void {
    recordCheckpoint(this.database, { ...found, trigger });
  }
}

/** Tells whether a checkpoint ended inside a commit, within the resolution of file timestamps. */
function isWithin({ end }: Found, { start, nanoseconds }: Commit): boolean {
  const began = Date.now() - Number(now() - start) / 1e6;
  return end >= began - TICK && end <= began + nanoseconds / 1e6 + TICK;
}

/** Matches versions from 3.51: in earlier ones, querying the state of the log would checkpoint it. */
export const TELLING = /^3\.(5[1-9]|[6-9]\d|\d{3})\b/;

const NOTHING: Progress = { log: 0, checkpointed: 0 };

/** Packs both numbers of a progress into one; 0 stands for undefined. */
const pack = (progress: Progress | undefined): bigint =>
  progress === undefined ? 0n : (BigInt(progress.log + 1) << 32n) | BigInt(progress.checkpointed);

const unpack = (packed: bigint): Progress | undefined =>
  packed === 0n ? undefined : { log: Number(packed >> 32n) - 1, checkpointed: Number(packed & 0xffffffffn) };

function progressOf(connection: Connection): Progress | undefined {
  const row = connection.query("PRAGMA main.wal_checkpoint(NOOP)")?.[0];
  return row && { log: Number(row[1]), checkpointed: Number(row[2]) };
}

/**
 * Returns the pages transferred between two states.
 * @returns undefined if unknown: at the start, and for a log that was truncated
 */
function pagesBetween(last: Progress | undefined, next: Progress, isModified: boolean): number | undefined {
  if (last === undefined) return undefined;
  const isShorter = next.log < last.log;
  if (!isModified) return isShorter ? next.checkpointed : Math.max(0, next.checkpointed - last.checkpointed);
  if (next.log === 0) return undefined;
  // Once the whole log is in the database, the next writer restarts it.
  const startedOver = isShorter || last.checkpointed === last.log;
  return startedOver ? next.checkpointed : Math.max(0, next.checkpointed - last.checkpointed);
}
