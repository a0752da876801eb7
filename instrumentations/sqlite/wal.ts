import type { Context } from "@opentelemetry/api";
import type { StorageCheckpointMode } from "../../semconv/index.ts";
import type { HookedRun, OperationHook } from "../../src/recording/operation-info.ts";
import { recordCheckpoint, type CheckpointTiming } from "../layers/wal.ts";
import { CheckpointForecast } from "./checkpoint-forecast.ts";
import type { Commit, CommitWatcher, Connection, ConnectionHook } from "./connection-hooks.ts";
import { MAX_ASKED } from "./query-plan.ts";
import type { Script } from "./sql.ts";
import { tokenize } from "../sql/tokens.ts";
import { TypicalCommit } from "./commit-baseline.ts";
import { WalFile, type FoundIn } from "./wal-file.ts";

/** Maximum number of commits between two checks, as long as none is slow. */
const MAX_INTERVAL = 1024;
/** Commits between two checks while the frequency of checkpoints is unknown. */
const MIN_INTERVAL = 4;

/**
 * Hook that separates the checkpoint in a commit from the commit itself: by the end of the statement as reported by the
 * binding, or by the typical duration of commits without a checkpoint.
 */
class WalLayer implements ConnectionHook, CommitWatcher {
  readonly commits: CommitWatcher = this;
  readonly #connection: Connection;
  readonly #file: WalFile;
  #forecast = new CheckpointForecast();
  /** Stops observing the current call, and returns the end of its statement. */
  #watch: (() => bigint | undefined) | undefined;
  /** Pages of the log from which the connection's commits checkpoint it; 0 if they do not, or if it is not known. */
  #limit = 0;
  #typical = new TypicalCommit();
  /** Commits since the last check, and those before it since the last checkpoint. */
  #unlooked = 0;
  #looked = 0;
  /** The longest of the unchecked commits. */
  #longest: Commit | undefined;
  #interval = MIN_INTERVAL;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#file = WalFile.of(connection);
    connection.database.log = this.#file;
  }

  hookOf({ parts }: Script, sql: string): OperationHook | undefined {
    if (parts.length !== 1 || sql.length > MAX_ASKED || parts[0]!.summary.toLowerCase() !== "pragma wal_checkpoint")
      return undefined;
    const mode = checkpointMode(sql);
    return mode && { ran: (run) => this.#ran(run, mode) };
  }

  beforeOf({ parts }: Script): (() => void) | undefined {
    const isSetting = parts.some(({ verb, summary }) => verb === "PRAGMA" && SETTINGS.has(summary.toLowerCase()));
    return isSetting ? () => this.#doubtSettings() : undefined;
  }

  before(): void {
    const { watchEnd } = this.#connection;
    if (watchEnd !== undefined && this.#limit > 0 && this.#forecast.isNear(this.#limit)) this.#watch = watchEnd();
  }

  after(): void {
    this.#endWatch();
  }

  /**
   * Stops observing the current call.
   * @returns when the commit had written its pages, if that was observed
   */
  #endWatch(): bigint | undefined {
    const written = this.#watch?.();
    this.#watch = undefined;
    return written;
  }

  committed(commit: Commit): void {
    const written = this.#endWatch();
    const isUncounted = this.#connection.watchEnd !== undefined && this.#forecast.committed();
    const isSlow = this.#typical.isSlow(commit.nanoseconds, this.#limit || Infinity);
    const isDue = ++this.#unlooked >= this.#interval || this.#file.isComplete || isUncounted;
    if (isSlow || isDue) {
      const found = this.#look(commit, isSlow);
      if (found !== undefined) return this.#found(found, found.commit === commit ? written : undefined);
    } else if (this.#longest === undefined || commit.nanoseconds > this.#longest.nanoseconds) this.#longest = commit;
    this.#typical.learn(commit.nanoseconds);
    if (isUncounted) this.#foresee();
  }

  closed(): void {
    this.#file.remove(this.#connection);
  }

  #doubtSettings(): void {
    this.#file.doubtSettings(this.#connection);
    this.#forecast = new CheckpointForecast();
    this.#typical = new TypicalCommit();
    this.#looked = 0;
    this.#interval = MIN_INTERVAL;
  }

  #look(commit: Commit, isSlow: boolean): FoundIn | undefined {
    this.#looked += this.#unlooked;
    this.#unlooked = 0;
    const commits = this.#longest === undefined ? [commit] : [commit, this.#longest];
    const found = this.#file.find(this.#connection, commits, isSlow);
    this.#longest = undefined;
    this.#limit = this.#file.limitOf(this.#connection);
    return found;
  }

  #found({ commit, ...found }: FoundIn, written: bigint | undefined): void {
    // Four checks until the next one is due: a busy machine makes any commit slow, so that a slow one is no sign to rely on.
    this.#interval = Math.min(MAX_INTERVAL, Math.ceil(this.#looked / 4));
    this.#looked = 0;
    this.#forecast.checkpointed();
    recordCheckpoint(
      this.#connection.database,
      { trigger: "auto", mode: "passive", ...found, blocker: this.#file.blocker() },
      written === undefined ? this.#estimated(commit) : exact(commit, written),
    );
  }

  /** Updates the forecast; a log that is not checkpointed has no limit. */
  #foresee(): void {
    this.#forecast.counted(this.#file.growth(this.#connection) ?? 0, this.#limit || Infinity);
  }

  /** Estimates the timing of the checkpoint, which is the last step of a commit. */
  #estimated(commit: Commit): CheckpointTiming | undefined {
    // The duration of an asynchronous commit includes its wait in the queue.
    const own = this.#connection.isAsynchronous ? undefined : this.#typical.ownPartOf(commit.nanoseconds);
    return own === undefined ? undefined : timingOf(commit, own, true);
  }

  #ran({ start, nanoseconds, rollup, result, failure, parent }: HookedRun, mode: StorageCheckpointMode): void {
    if (!this.#file.isWal(this.#connection)) return;
    const busy = numbersIn(result)[0] === 1 ? "SQLITE_BUSY" : undefined;
    const pages = this.#file.ran(this.#connection);
    recordCheckpoint(
      this.#connection.database,
      { trigger: "manual", mode, failure: failure ?? busy, pages, end: Date.now(), blocker: this.#file.blocker() },
      { start, nanoseconds, rollup, isEstimated: false, parent },
    );
  }
}

/** Returns the timing of the checkpoint in a commit that had written its pages at a given timestamp. */
function exact(commit: Commit, written: bigint): CheckpointTiming {
  return timingOf(commit, Number(written - commit.start), false);
}

/** Returns the timing of the rest of a commit after the given number of nanoseconds. */
function timingOf(commit: Commit, own: number, isEstimated: boolean): CheckpointTiming {
  const { rollup } = commit;
  const parent = rollup === null ? undefined : contextOf(commit);
  return { start: commit.start + BigInt(own), nanoseconds: commit.nanoseconds - own, rollup, isEstimated, parent };
}

/** Returns the context of operations in a commit: that of its own span, or else of its transaction's. */
const contextOf = ({ span, transaction }: Commit): Context | undefined =>
  span === undefined ? transaction?.context() : span.context;

/** Pragmas that change the journal mode or the checkpoint interval. */
const SETTINGS: ReadonlySet<string> = new Set(["pragma journal_mode", "pragma wal_autocheckpoint"]);

const MODES: Readonly<Record<string, StorageCheckpointMode>> = {
  FULL: "full",
  RESTART: "restart",
  TRUNCATE: "truncate",
};

/**
 * Returns the mode of a `PRAGMA wal_checkpoint`; undefined if it is for an attached database, or only queries the
 * state.
 */
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

/** Returns the values of a row in any format the application may have chosen: `busy` is the first. */
function numbersIn(result: unknown): number[] {
  if (typeof result === "number" || typeof result === "bigint") return [Number(result)];
  if (Array.isArray(result)) return result.flatMap(numbersIn);
  return isPlain(result) ? Object.values(result).flatMap(numbersIn) : [];
}

/** Tells whether a value is a plain row; other objects may have accessors, which must not be called. */
function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/**
 * Creates the hook for the write-ahead log of a connection: checkpoints, and the pages that are not checkpointed yet.
 */
export const walHook = (connection: Connection): ConnectionHook =>
  connection.path === undefined ? {} : new WalLayer(connection);
