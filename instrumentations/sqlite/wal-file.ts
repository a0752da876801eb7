import { now } from "../../src/runtime/clock.ts";
import type { Database, Log } from "../../src/recording/instance.ts";
import { longestOpen } from "../../src/insights/long-open.ts";
import {
  countReset,
  expectCheckpoints,
  recordCheckpoint,
  watchLog,
  type Extent,
  type Obstacle,
} from "../layers/wal.ts";
import type { Commit, Connection } from "./connection-hooks.ts";
import { SharedFile } from "../../src/instrument/thread-claims.ts";
import { hasLog, modifiedAt } from "./file-stat.ts";
import { Shared } from "./per-database.ts";

/** How far a log is checkpointed. */
interface Progress {
  /** Pages in the log. */
  readonly log: number;
  /** How many of them are in the database too. */
  readonly checkpointed: number;
}

/** A checkpoint that was found, not seen. */
interface Found {
  readonly pages: number | undefined;
  /** In milliseconds of Unix time. */
  readonly end: number;
  /** Whether its file alone tells of it. */
  readonly isEstimated: boolean;
}

/** A checkpoint that was found, and the commit that ran it. */
export interface FoundIn extends Found {
  readonly commit: Commit;
}
/** What the threads that have a file open know of it together: how many they are, its last checkpoint, and its log. */
const USERS = 0;
const ACCOUNTED = 1;
const PROGRESS = 2;

/** What is asked of a connection once. */
interface Abilities {
  /** Whether it can tell the state of the log. */
  readonly tells: boolean;
  /** Pages from which its commits checkpoint the log; 0 for never. */
  readonly autocheckpoint: number;
}

/** In milliseconds: Linux before 6.13 stamps a file with the time of its last tick, so two changes can have one time. */
const TICK = 10;

const files = new Shared<WalFile>();

/**
 * What the connections to a file know of its log together. In WAL mode nothing but a checkpoint writes the
 * file, so each one shows in the time the file was modified.
 */
export class WalFile implements Log {
  readonly database: Database;
  readonly #path: string;
  readonly #file: SharedFile;
  /** The connections, each with its abilities; undefined until they are asked for. */
  readonly #connections = new Map<Connection, Abilities | undefined>();
  /** Undefined where it is not known, or not any more. */
  #isWal: boolean | undefined;
  #modified: number | undefined;
  /** Whether SQLite tells of the log, as far as its connections were asked. */
  #isTold = true;
  /** As this thread saw it last. */
  #progress: Progress | undefined;
  #pageSize = 0;
  #unwatch: (() => void) | undefined;

  private constructor({ path, file, database }: Connection) {
    this.#path = path!;
    this.#file = new SharedFile(file!);
    this.#file.add(USERS, 1n);
    this.database = database;
  }

  /** The log a connection shares with the others to its file. */
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
    // The last connection of all, those of other processes included, takes the log away.
    this.#record(this.#found(undefined), hasLog(this.#path) ? "other" : "shutdown");
  }

  /** The application asks for or sets the journal mode or when to checkpoint, so it is asked again. */
  doubtSettings(connection: Connection): void {
    this.#isWal = undefined;
    this.#connections.set(connection, undefined);
  }

  /** The checkpoint one of the commits ran, if one did: the last of them, or what took longest since this was last asked. */
  find(connection: Connection, commits: readonly Commit[], isSlow: boolean): FoundIn | undefined {
    const found = this.#isWal === true ? this.#find(connection, isSlow) : this.#findFirst(connection);
    if (found === undefined) return undefined;
    const commit = commits.find((each) => isWithin(found, each));
    if (commit !== undefined) return { ...found, commit };
    this.#record(found, "other");
    return undefined;
  }

  /** Whether it is in WAL mode, asked where it is not known. */
  isWal(connection: Connection): boolean {
    if (this.#isWal === undefined) this.#open(connection);
    return this.#isWal === true;
  }

  /** Pages a checkpoint of the application brought into the database; undefined where SQLite does not tell. */
  ran(connection: Connection): number | undefined {
    return this.#advance(connection, this.#isModified());
  }

  /** A checkpoint that was missed is found here at the latest. */
  extent(): Extent | undefined {
    if (this.#isWal !== true) return undefined;
    const isModified = this.#isModified();
    const connection = this.#teller();
    const pages = connection && this.#advance(connection, isModified);
    if (isModified) this.#record(this.#found(pages), "other");
    return this.#progress && { pages: this.#progress.log, lag: this.#waiting() * this.#pageSize };
  }

  /** Whether all of the log is in the database, so that the next commit begins it anew if no reader needs it. */
  get isComplete(): boolean {
    return this.#progress !== undefined && this.#progress.log > 0 && this.#waiting() === 0;
  }

  /** Pages in the log after a commit without a checkpoint; undefined where SQLite does not tell. */
  growth(connection: Connection): number | undefined {
    this.#advance(connection, false);
    return this.#progress?.log;
  }

  /** Pages of the log from which commits of a connection checkpoint it; 0 where they do not, or it is not known yet. */
  limitOf(connection: Connection): number {
    return this.#connections.get(connection)?.autocheckpoint ?? 0;
  }

  pinned(): number | undefined {
    // What only reads has had no reason to ask.
    for (const connection of this.#connections.keys()) if (!this.isWal(connection)) return undefined;
    const extent = this.extent();
    const limits = [...this.#connections.keys()].map((each) => this.#abilities(each).autocheckpoint);
    const limit = Math.min(...limits.filter((pages) => pages > 0)) * this.#pageSize;
    return extent !== undefined && extent.lag > limit ? extent.lag : undefined;
  }

  /** What a checkpoint that just ran has left in the log, and because of whom. */
  obstacle(): Obstacle | undefined {
    if (this.#waiting() === 0) return undefined;
    const databases = new Set([...this.#connections.keys()].map(({ database }) => database));
    return { pagesLeft: this.#waiting(), blocker: longestOpen(databases) };
  }

  /** Pages of the log that are not in the database yet, as far as is known. */
  #waiting(): number {
    return this.#progress === undefined ? 0 : this.#progress.log - this.#progress.checkpointed;
  }

  #find(connection: Connection, isSlow: boolean): Found | undefined {
    const isModified = this.#isModified();
    const isDoubtful = isSlow && Date.now() - this.#modified! < TICK;
    if (!isModified && !isDoubtful && !this.isComplete) return undefined;
    const pages = this.#advance(connection, isModified);
    // A rollback journal writes the file with each commit; the mode may have changed without a word.
    if (isModified && pages === undefined) this.#open(connection);
    return this.#isWal === true && (isModified || pages! > 0) ? this.#found(pages) : undefined;
  }

  /** Before the first commit nothing is known to compare with; but what a commit wrote is checkpointed only after it. */
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
    return { pages, end: this.#modified!, isEstimated: !this.#isTold };
  }

  #open(connection: Connection): void {
    const mode = connection.query("PRAGMA main.journal_mode")?.[0]?.[0];
    if (mode === undefined) return;
    this.#isWal = mode === "wal";
    if (!this.#isWal) return this.#leave();
    this.#modified = modifiedAt(this.#path) ?? this.#modified;
    this.#pageSize = Number(connection.query("PRAGMA main.page_size")?.[0]?.[0] ?? 0);
    if (this.#unwatch !== undefined) return;
    expectCheckpoints(this.database, "passive", this.#abilities(connection).tells);
    this.#unwatch = watchLog(this);
  }

  #leave(): void {
    this.#isWal = false;
    this.#progress = undefined;
    this.#forgetProgress();
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  /** Whether the file was modified since this was last asked; of the threads that have it open, the first is told. */
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

  /** Whether this thread is the one to tell of it. */
  isOurs(): boolean {
    return this.#file.isOurs();
  }

  /** Asks for the state of the log. @returns pages brought into the database since then */
  #advance(connection: Connection, isModified: boolean): number | undefined {
    const before = this.#file.get(PROGRESS);
    const last = unpack(before);
    const next = this.#canTell(connection) ? progressOf(connection) : undefined;
    if (next === undefined) return undefined;
    if (next.log < 0) this.#leave();
    else {
      this.#progress = next;
      // Another thread was faster, and tells of it.
      if (!this.#file.replace(PROGRESS, before, pack(next))) return 0;
    }
    if (last !== undefined && next.log >= 0 && next.log < last.log) countReset(this.database);
    return pagesBetween(last, next, isModified);
  }

  /** A connection that can tell the state of the log at the moment. */
  #teller(): Connection | undefined {
    return [...this.#connections.keys()].find((each) => this.#canTell(each));
  }

  /** Within a transaction asking for the state of the log fails. */
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
      this.#isTold = abilities.tells;
    }
    return abilities;
  }

  #record(found: Found, trigger: "other" | "shutdown"): void {
    recordCheckpoint(this.database, { ...found, trigger });
  }
}

/** Whether the checkpoint ended inside of a commit, as exactly as a file is stamped. */
function isWithin({ end }: Found, { start, nanoseconds }: Commit): boolean {
  const began = Date.now() - Number(now() - start) / 1e6;
  return end >= began - TICK && end <= began + nanoseconds / 1e6 + TICK;
}

/** Before 3.51 asking SQLite for the state of the log would checkpoint it. */
export const TELLING = /^3\.(5[1-9]|[6-9]\d|\d{3})\b/;

const NOTHING: Progress = { log: 0, checkpointed: 0 };

/** One number for both of those of a progress; none is 0. */
const pack = (progress: Progress | undefined): bigint =>
  progress === undefined ? 0n : (BigInt(progress.log + 1) << 32n) | BigInt(progress.checkpointed);

const unpack = (packed: bigint): Progress | undefined =>
  packed === 0n ? undefined : { log: Number(packed >> 32n) - 1, checkpointed: Number(packed & 0xffffffffn) };

function progressOf(connection: Connection): Progress | undefined {
  const row = connection.query("PRAGMA main.wal_checkpoint(NOOP)")?.[0];
  return row && { log: Number(row[1]), checkpointed: Number(row[2]) };
}

/** @returns undefined where it cannot be told: from the start, and of a log that was cut to nothing */
function pagesBetween(last: Progress | undefined, next: Progress, isModified: boolean): number | undefined {
  if (last === undefined) return undefined;
  const isShorter = next.log < last.log;
  if (!isModified) return isShorter ? next.checkpointed : Math.max(0, next.checkpointed - last.checkpointed);
  if (next.log === 0) return undefined;
  // Once all of it is in the database, the next writer starts the log over.
  const startedOver = isShorter || last.checkpointed === last.log;
  return startedOver ? next.checkpointed : Math.max(0, next.checkpointed - last.checkpointed);
}
