import { statSync } from "node:fs";
import type { StorageCheckpointMode } from "../../semconv/index.ts";
import { now } from "../../src/clock.ts";
import type { Database } from "../../src/database.ts";
import type { LayerRun, OperationLayer } from "../../src/operation-info.ts";
import { expectCheckpoints, recordCheckpoint, watchLog, type CheckpointTiming, type Log } from "../layers/wal.ts";
import type { Commit, Connection, ConnectionLayer } from "./connection.ts";
import type { Script } from "./sql.ts";
import { tokenize } from "./tokens.ts";

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
}

/** `stat` only: opening a file of the engine and closing it again would drop the engine's own locks. */
const modifiedAt = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.mtimeMs;

/** In milliseconds: Linux before 6.13 stamps a file with the time of its last tick, so two changes can have one time. */
const TICK = 10;

/** The databases in use, by path; several connections share one. */
const files = new Map<string, WalFile>();

/**
 * What the connections to a file know of its log together. In WAL mode nothing but a checkpoint writes the
 * file, so each one shows in the time the file was modified.
 */
class WalFile implements Log {
  readonly database: Database;
  readonly #path: string;
  /** The connections, each with whether it can tell the state of the log; undefined until it is asked. */
  readonly #connections = new Map<Connection, boolean | undefined>();
  /** Undefined where it is not known, or not any more. */
  #isWal: boolean | undefined;
  #modified: number | undefined;
  #progress: Progress | undefined;
  #pageSize = 0;
  #unwatch: (() => void) | undefined;

  constructor(path: string, database: Database) {
    this.#path = path;
    this.database = database;
  }

  add(connection: Connection): void {
    this.#connections.set(connection, undefined);
  }

  remove(connection: Connection): void {
    if (!this.#connections.delete(connection) || this.#connections.size > 0) return;
    files.delete(this.#path);
    this.#unwatch?.();
    if (this.#isWal !== true || !this.#isModified()) return;
    // The last connection of all, those of other processes included, takes the log away.
    this.#record({ pages: undefined, end: this.#modified! }, this.#hasLog() ? "other" : "shutdown");
  }

  /** The application asks or sets the journal mode, so it is asked again. */
  doubtMode(): void {
    this.#isWal = undefined;
  }

  /** The checkpoint a commit ran, if it ran one. */
  find(connection: Connection, { start }: Commit, isSlow: boolean): Found | undefined {
    const began = Date.now() - Number(now() - start) / 1e6;
    const found = this.#isWal === true ? this.#find(connection, isSlow) : this.#findFirst(connection);
    if (found === undefined || found.end >= began - TICK) return found;
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
  lag(): number | undefined {
    if (this.#isWal !== true) return undefined;
    const isModified = this.#isModified();
    const connection = [...this.#connections.keys()].find((each) => this.#canTell(each));
    const pages = connection && this.#advance(connection, isModified);
    if (isModified) this.#record({ pages, end: this.#modified! }, "other");
    return this.#progress && (this.#progress.log - this.#progress.checkpointed) * this.#pageSize;
  }

  #find(connection: Connection, isSlow: boolean): Found | undefined {
    const isModified = this.#isModified();
    const isDoubtful = isSlow && Date.now() - this.#modified! < TICK;
    if (!isModified && !isDoubtful) return undefined;
    const pages = this.#advance(connection, isModified);
    // A rollback journal writes the file with each commit; the mode may have changed without a word.
    if (isModified && pages === undefined) this.#open(connection);
    return this.#isWal === true && (isModified || pages! > 0) ? { pages, end: this.#modified! } : undefined;
  }

  /** Before the first commit nothing is known to compare with; but what a commit wrote is checkpointed only after it. */
  #findFirst(connection: Connection): Found | undefined {
    if (this.#isWal === false && !this.#hasLog()) return undefined;
    const before = this.#modified;
    this.#open(connection);
    if (this.#isWal !== true || this.#modified === before) return undefined;
    const pages = this.#advance(connection, true);
    const { log, checkpointed } = this.#progress ?? NOTHING;
    return log > 0 && log === checkpointed ? { pages, end: this.#modified! } : undefined;
  }

  #open(connection: Connection): void {
    const mode = connection.query("PRAGMA main.journal_mode")?.[0]?.[0];
    if (mode === undefined) return;
    this.#isWal = mode === "wal";
    if (!this.#isWal) return this.#leave();
    this.#isModified();
    this.#pageSize = Number(connection.query("PRAGMA main.page_size")?.[0]?.[0] ?? 0);
    if (this.#unwatch !== undefined) return;
    expectCheckpoints(this.database, "passive");
    this.#unwatch = watchLog(this);
  }

  #leave(): void {
    this.#isWal = false;
    this.#progress = undefined;
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  #hasLog(): boolean {
    return modifiedAt(`${this.#path}-wal`) !== undefined;
  }

  /** Whether the file was modified since this was last asked. */
  #isModified(): boolean {
    const before = this.#modified;
    this.#modified = modifiedAt(this.#path) ?? before;
    return this.#modified !== before;
  }

  /** Asks for the state of the log. @returns pages brought into the database since then */
  #advance(connection: Connection, isModified: boolean): number | undefined {
    const last = this.#progress;
    const next = this.#canTell(connection) ? progressOf(connection) : undefined;
    if (next === undefined) return undefined;
    if (next.log < 0) this.#leave();
    else this.#progress = next;
    return pagesBetween(last, next, isModified);
  }

  /** Before 3.51 asking for the state of the log would checkpoint it; within a transaction it fails. */
  #canTell(connection: Connection): boolean {
    let canTell = this.#connections.get(connection);
    if (canTell === undefined) {
      canTell = /^3\.(5[1-9]|[6-9]\d|\d{3})\b/.test(String(connection.query("SELECT sqlite_version()")?.[0]?.[0]));
      this.#connections.set(connection, canTell);
    }
    return canTell && !connection.inTransaction();
  }

  #record(found: Found, trigger: "other" | "shutdown"): void {
    recordCheckpoint(this.database, { ...found, trigger });
  }
}

const NOTHING: Progress = { log: 0, checkpointed: 0 };

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

/** Commits a connection learns from at first; each of them is looked at. */
const FIRST = 16;
/** At most so many commits go by unlooked at, as long as none is slow. */
const MAX_INTERVAL = 16;
/** A commit is slow that takes so many times what commits do. A look costs a tenth of what such a commit does. */
const SLOW = 1.5;

/** Takes out of the time of a commit what the checkpoint in it took, which SQLite does not tell from JavaScript. */
class WalLayer implements ConnectionLayer {
  readonly #connection: Connection;
  readonly #file: WalFile;
  /** Moving average of commits without a checkpoint, in nanoseconds. */
  #typical = Infinity;
  #slow = 0;
  #learned = 0;
  /** Commits since one was looked at, and those before it since the last checkpoint. */
  #unlooked = 0;
  #looked = 0;
  #interval = MAX_INTERVAL;

  constructor(connection: Connection, path: string) {
    this.#connection = connection;
    this.#file = files.get(path) ?? new WalFile(path, connection.database);
    files.set(path, this.#file);
    this.#file.add(connection);
  }

  layerOf({ parts }: Script, sql: string): OperationLayer | undefined {
    const pragmas = parts.map(({ summary }) => summary.toLowerCase());
    if (pragmas.includes("pragma journal_mode")) this.#file.doubtMode();
    if (pragmas.length !== 1 || pragmas[0] !== "pragma wal_checkpoint") return undefined;
    const mode = checkpointMode(sql);
    return mode && { ran: (run) => this.#ran(run, mode) };
  }

  committed(commit: Commit): void {
    const { nanoseconds } = commit;
    const isSlow = nanoseconds > this.#slow;
    if (++this.#unlooked < this.#interval && !isSlow) return this.#learn(nanoseconds);
    this.#looked += this.#unlooked;
    this.#unlooked = 0;
    const found = this.#file.find(this.#connection, commit, isSlow);
    if (found === undefined) return this.#learn(nanoseconds);
    // Where they follow each other closely, two of them could hide between two looks.
    this.#interval = Math.min(MAX_INTERVAL, Math.ceil(this.#looked / 4));
    this.#looked = 0;
    recordCheckpoint(
      this.#connection.database,
      { trigger: "auto", mode: "passive", ...found },
      this.#checkpointIn(commit),
    );
  }

  closed(): void {
    this.#file.remove(this.#connection);
  }

  /** One outlier must not hide the next hundred checkpoints. */
  #learn(nanoseconds: number): void {
    if (this.#learned < FIRST) {
      this.#learned++;
      this.#typical = Math.min(this.#typical, nanoseconds);
    } else {
      this.#typical += (Math.min(nanoseconds, 2 * this.#typical) - this.#typical) / 16;
      this.#slow = SLOW * this.#typical;
    }
  }

  /** It is the last thing a commit does. */
  #checkpointIn({ start, nanoseconds, rollup }: Commit): CheckpointTiming | undefined {
    const own = Math.round(this.#typical);
    if (nanoseconds <= own) return undefined;
    return { start: start + BigInt(own), nanoseconds: nanoseconds - own, rollup, isEstimated: true };
  }

  #ran({ start, nanoseconds, rollup, result, failure }: LayerRun, mode: StorageCheckpointMode): void {
    if (!this.#file.isWal(this.#connection)) return;
    const busy = numbersIn(result)[0] === 1 ? "SQLITE_BUSY" : undefined;
    const pages = this.#file.ran(this.#connection);
    recordCheckpoint(
      this.#connection.database,
      { trigger: "manual", mode, failure: failure ?? busy, pages, end: Date.now() },
      { start, nanoseconds, rollup, isEstimated: false },
    );
  }
}

const MODES: Readonly<Record<string, StorageCheckpointMode>> = {
  FULL: "full",
  RESTART: "restart",
  TRUNCATE: "truncate",
};

/** The mode of a `PRAGMA wal_checkpoint`; none if it is for an attached database, or asks for nothing to be done. */
function checkpointMode(sql: string): StorageCheckpointMode | undefined {
  const words = tokenize(sql).filter(({ type }) => type !== "symbol");
  const [, first, second, third] = words.map(({ type, source }) =>
    (type === "word" ? source : source.slice(1, -1)).toUpperCase(),
  );
  const isPlain = first === "WAL_CHECKPOINT";
  if (!isPlain && first !== "MAIN") return undefined;
  const mode = (isPlain ? second : third) ?? "PASSIVE";
  return mode === "NOOP" ? undefined : (MODES[mode] ?? "passive");
}

/** The values of a row, whichever way the application has rows returned: `busy` is the first. */
function numbersIn(result: unknown): number[] {
  if (typeof result === "number" || typeof result === "bigint") return [Number(result)];
  if (Array.isArray(result)) return result.flatMap(numbersIn);
  return isPlain(result) ? Object.values(result).flatMap(numbersIn) : [];
}

/** What is no row has accessors of its own, which are not ours to call. */
function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** The write-ahead log of a connection: checkpoints, and what is still to be checkpointed. */
export const walLayer = (connection: Connection): ConnectionLayer =>
  connection.path === undefined ? {} : new WalLayer(connection, connection.path);
