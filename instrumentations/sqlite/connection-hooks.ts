import type { Database, Enclosing } from "../../src/recording/instance.ts";
import type { OperationLayer } from "../../src/recording/operation-info.ts";
import type { OpenSpan } from "../../src/spans/writer.ts";
import type { Rollup } from "../../src/recording/rollup.ts";
import type { Script } from "./sql.ts";

/** What the layers of SQLite may know of a connection, and ask of it. */
export interface Connection {
  readonly database: Database;
  /** The path of the file; undefined for a database without one. */
  readonly path: string | undefined;
  /** Whether SQLite may be asked for the plan of a query. */
  isPlanned(): boolean;
  /** What tells the file from others, also from one that takes its name; undefined for a database without one. */
  readonly file: string | undefined;
  /** Whether the application has opened it for reading alone; undefined where the binding does not tell. */
  readonly isReadOnly: boolean | undefined;
  inTransaction(): boolean;
  /**
   * Rows of a query of ours; undefined where SQLite refuses it at the moment, or the application would notice. Never
   * inside what is being timed.
   */
  query(sql: string): unknown[][] | undefined;
  /** `error.type` with which SQLite refuses a query of ours, `_OTHER` where it is not asked; undefined if it answers. */
  refusal(sql: string): string | undefined;
  /**
   * Watches for the end of a statement that is about to run: in a commit, what comes after is a checkpoint. Undefined
   * where the binding does not tell.
   * @returns stops the watch and gives that moment
   */
  readonly watchEnd: (() => () => bigint | undefined) | undefined;
}

/** A commit that has just been summed up: of an explicit transaction, or of a single write. */
export interface Commit {
  readonly start: bigint;
  readonly nanoseconds: number;
  readonly rollup: Rollup | null;
  /** The span of the call that committed; undefined where that has none of its own. */
  readonly span: OpenSpan | undefined;
  /** The transaction it ended; null for a single write. */
  readonly transaction: Enclosing | null;
}

/** Told of each call that may commit: it has to be quick. */
export interface CommitWatcher {
  before(): void;
  committed(commit: Commit): void;
  /** After the call, whether it committed or not. */
  after(): void;
}

/** What a layer does with a connection: made for each one when it is opened. */
export interface ConnectionLayer {
  /**
   * The layer of a statement or script, where it is this one; asked once for each text.
   * @param sql the text as the application wrote it: it may hold values, so nothing of it may be kept or shown
   */
  layerOf?(script: Script, sql: string): OperationLayer | undefined;
  /** What it has to do before each run of a statement or script; asked once for each text. */
  beforeOf?(script: Script): (() => void) | undefined;
  /** What it has to do with each commit, if it has. */
  readonly commits?: CommitWatcher;
  closed?(): void;
}
