import type { Context } from "@opentelemetry/api";
import type { StorageCheckpointMode } from "../../semconv/index.ts";
import type { LayerRun, OperationLayer } from "../../src/recording/operation-info.ts";
import { recordCheckpoint, type CheckpointTiming } from "../layers/wal.ts";
import { CheckpointForecast } from "./checkpoint-forecast.ts";
import type { Commit, CommitWatcher, Connection, ConnectionLayer } from "./connection-hooks.ts";
import { MAX_ASKED } from "./query-plan.ts";
import type { Script } from "./sql.ts";
import { tokenize } from "./tokens.ts";
import { TypicalCommit } from "./commit-baseline.ts";
import { WalFile, type FoundIn } from "./wal-file.ts";

/** At most so many commits go by unlooked at, as long as none is slow. */
const MAX_INTERVAL = 1024;
/** As long as it is not known how often checkpoints come. */
const MIN_INTERVAL = 4;

/** Takes out of the time of a commit what the checkpoint in it took: by the binding's word, or by what commits take without one. */
class WalLayer implements ConnectionLayer, CommitWatcher {
  readonly commits: CommitWatcher = this;
  readonly #connection: Connection;
  readonly #file: WalFile;
  #forecast = new CheckpointForecast();
  /** The watch over the call that is going on. */
  #watch: (() => bigint | undefined) | undefined;
  /** Pages of the log that make the connection's commits checkpoint it; 0 where they do not, or it is not known. */
  #limit = 0;
  #typical = new TypicalCommit();
  /** Commits since one was looked at, and those before it since the last checkpoint. */
  #unlooked = 0;
  #looked = 0;
  /** The one of them that took longest. */
  #longest: Commit | undefined;
  #interval = MIN_INTERVAL;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#file = WalFile.of(connection);
    connection.database.log = this.#file;
  }

  layerOf({ parts }: Script, sql: string): OperationLayer | undefined {
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

  /** @returns when the commit had written its pages, if that was watched */
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
      if (found !== undefined) return this.#found(found, isSlow, found.commit === commit ? written : undefined);
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

  #found({ commit, ...found }: FoundIn, isSlow: boolean, written: bigint | undefined): void {
    // Where they follow each other closely and are not slow, two of them could hide between two looks.
    const often = Math.ceil(this.#looked / 4);
    this.#interval = Math.min(MAX_INTERVAL, isSlow ? Math.max(2 * this.#interval, often) : often);
    this.#looked = 0;
    this.#forecast.checkpointed();
    recordCheckpoint(
      this.#connection.database,
      { trigger: "auto", mode: "passive", ...found, obstacle: this.#file.obstacle() },
      written === undefined ? this.#estimated(commit) : exact(commit, written),
    );
  }

  /** Without a log that is checkpointed there is nothing to be expected. */
  #foresee(): void {
    this.#forecast.counted(this.#file.growth(this.#connection) ?? 0, this.#limit || Infinity);
  }

  /** A checkpoint is the last thing a commit does. */
  #estimated(commit: Commit): CheckpointTiming | undefined {
    const own = this.#typical.ownPartOf(commit.nanoseconds);
    return own === undefined ? undefined : timingOf(commit, own, true);
  }

  #ran({ start, nanoseconds, rollup, result, failure }: LayerRun, mode: StorageCheckpointMode): void {
    if (!this.#file.isWal(this.#connection)) return;
    const busy = numbersIn(result)[0] === 1 ? "SQLITE_BUSY" : undefined;
    const pages = this.#file.ran(this.#connection);
    recordCheckpoint(
      this.#connection.database,
      { trigger: "manual", mode, failure: failure ?? busy, pages, end: Date.now(), obstacle: this.#file.obstacle() },
      { start, nanoseconds, rollup, isEstimated: false, parent: undefined },
    );
  }
}

/** The checkpoint of a commit that had written its pages at a moment. */
function exact(commit: Commit, written: bigint): CheckpointTiming {
  return timingOf(commit, Number(written - commit.start), false);
}

/** What a commit did after its own part of so many nanoseconds. */
function timingOf(commit: Commit, own: number, isEstimated: boolean): CheckpointTiming {
  const { rollup } = commit;
  const parent = rollup === null ? undefined : contextOf(commit);
  return { start: commit.start + BigInt(own), nanoseconds: commit.nanoseconds - own, rollup, isEstimated, parent };
}

/** What happens in a commit is inside of its own span, or else of its transaction's. */
const contextOf = ({ span, transaction }: Commit): Context | undefined =>
  span === undefined ? transaction?.context() : span.inside;

/** Pragmas that change whether there is a log, and when it is checkpointed. */
const SETTINGS: ReadonlySet<string> = new Set(["pragma journal_mode", "pragma wal_autocheckpoint"]);

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
  connection.path === undefined ? {} : new WalLayer(connection);
