import type { Instance } from "../../src/recording/instance.ts";
import type { Scope } from "../../src/recording/scope.ts";
import type { OperationHook } from "../../src/recording/operation-info.ts";
import type { OpenSpan } from "../../src/spans/writer.ts";
import type { Rollup } from "../../src/recording/rollup.ts";
import type { Queries } from "./queries.ts";
import type { SearchIndexes } from "./search-indexes.ts";
import type { Script } from "./sql.ts";

/** Connection as seen by the hooks of SQLite. */
export interface Connection extends Queries {
  readonly database: Instance;
  /** The path of the file; undefined for a database without a file. */
  readonly path: string | undefined;
  /**
   * Identity of the file, distinct from that of another file at the same path; undefined for a database without a file.
   */
  readonly file: string | undefined;
  /** True if the application opened it read-only; undefined if the binding does not report this. */
  readonly isReadOnly: boolean | undefined;
  /** True if its statements run in another thread, and wait for it in a queue: their durations include that wait. */
  readonly isAsynchronous: boolean;
  readonly indexes: SearchIndexes;
  inTransaction(): boolean;
  /**
   * Returns the `error.type` with which SQLite refuses an internal query, `_OTHER` if the query is not run, undefined
   * if it succeeds.
   */
  refusal(sql: string): string | undefined;
  /**
   * Observes the end of a statement that is about to run; in a commit, the time after it is the checkpoint. Undefined
   * if the binding does not report it.
   * @returns a function that stops observing and returns the timestamp of the end
   */
  readonly watchEnd: (() => () => bigint | undefined) | undefined;
}

/** Finished commit: of an explicit transaction, or of a single write. */
export interface Commit {
  readonly start: bigint;
  readonly nanoseconds: number;
  readonly rollup: Rollup | null;
  /** The span of the call that committed; undefined if the call has no span of its own. */
  readonly span: OpenSpan | undefined;
  /** The transaction it ended; null for a single write. */
  readonly transaction: Scope | null;
}

/** Watcher of each call that may commit; its methods must be fast. */
export interface CommitWatcher {
  before(): void;
  committed(commit: Commit): void;
  /** Called after the call, whether it committed or not. */
  after(): void;
}

/** Hook into a connection, created for each one when it is opened. */
export interface ConnectionHook {
  /**
   * Returns the hook for a statement or script, if this one applies; called once per text.
   * @param sql the text as the application wrote it: it may contain values, so it must not be stored or exported
   */
  hookOf?(script: Script, sql: string): OperationHook | undefined;
  /** Returns the task to run before each execution of a statement or script, if any; called once per text. */
  beforeOf?(script: Script): (() => void) | undefined;
  /** Watcher of each commit, if any. */
  readonly commits?: CommitWatcher;
  closed?(): void;
}
