import type { StorageConflictReason } from "../../semconv/index.ts";
import type { BoundaryCall, Instance, TransactionBoundary } from "../../src/recording/instance.ts";
import { Boundary, OperationKind } from "../../src/recording/operation-kind.ts";
import type { OperationInfo } from "../../src/recording/operation-info.ts";
import { activeRollup } from "../../src/recording/rollup.ts";
import { Transactions, type TransactionResult } from "../layers/transaction.ts";
import { retriesIn } from "./busy-retries.ts";
import type { Commit, CommitWatcher } from "./connection-hooks.ts";
import type { Control, Script, Statement } from "./sql.ts";
import { walk, Walker, type WalkedTransaction } from "./script-transactions.ts";

/** Ways to find out whether a transaction is open. */
export interface TransactionState {
  /** Asks SQLite, if the binding supports it. */
  readonly ask?: () => boolean;
  /** Finds out whether an open transaction still is, at some cost. */
  readonly verify?: () => boolean;
  /** True if a call can wait in a queue of the binding: its duration is then no wait for a lock. */
  readonly isQueued?: boolean;
}

/**
 * Tracker of a connection's transactions. SQLite itself reports whether one is open, if the binding supports it; the
 * text of a statement only identifies its effect.
 */
export class Boundaries implements TransactionBoundary {
  readonly #database: Instance;
  readonly #ask: (() => boolean) | undefined;
  readonly #verify: (() => boolean) | undefined;
  readonly #isQueued: boolean;
  readonly #watchers: readonly CommitWatcher[];
  readonly #transactions: Transactions;
  /** The open transaction as derived from the statements so far. */
  readonly #reported = new Walker(false);
  /** True if the current call left a transaction open that was not open before. */
  #began = false;

  constructor(
    database: Instance,
    { ask, verify, isQueued = false }: TransactionState,
    watchers: readonly CommitWatcher[],
  ) {
    this.#database = database;
    this.#ask = ask;
    this.#verify = verify;
    this.#isQueued = isQueued;
    this.#watchers = watchers;
    this.#transactions = new Transactions(database);
  }

  inTransaction(): boolean {
    return this.#ask === undefined ? this.#reported.open !== undefined : this.#ask();
  }

  closed(timestamp: bigint): void {
    this.#transactions.close(timestamp);
  }

  opening({ info, start, nanoseconds, failure }: BoundaryCall): void {
    if (this.#ask === undefined) this.#reported.call(scriptOf(info).parts, failure, this.#verify);
    this.#began = false;
    if (this.#transactions.isOpen || (info.boundary !== Boundary.CONTROL && failure === undefined)) return;
    const { control, parts } = scriptOf(info);
    if (!this.#isOpenAfter(control, failure)) return;
    const begin = control ?? parts.findLast((part) => part.control?.action === "begin")?.control;
    const mode = begin?.mode ?? "deferred";
    this.#transactions.begin({ mode, start, info });
    this.#began = true;
    if (mode !== "deferred" && control !== undefined) this.#locked(nanoseconds);
  }

  closing(call: BoundaryCall): void {
    const { control, parts } = scriptOf(call.info);
    if (call.failure !== undefined) this.#closingFailed(call, call.failure);
    else if (control !== undefined) this.#closingSingle(call, control.action);
    else if (call.info.boundary === Boundary.WRITE) this.#autocommits(call, writesIn(parts));
    else this.#closingScript(call, parts);
    for (const watcher of this.#watchers) watcher.after();
  }

  #closingSingle(call: BoundaryCall, action: Control["action"]): void {
    if (action === "commit" || (action === "release" && !this.inTransaction())) this.#commit(call);
    else if (action === "rollback") this.#rollback(call);
    else if (action === "savepoint" && !this.#began) this.#transactions.contains(0, 1);
  }

  #commit({ start, nanoseconds, span }: BoundaryCall): void {
    const { scope: transaction } = this.#database;
    const rollup = transaction?.outer ?? null;
    this.#transactions.committing(nanoseconds);
    this.#transactions.end(COMMITTED, start, nanoseconds);
    this.#committed({ start, nanoseconds, rollup, span, transaction });
  }

  /** Records a rollback. If it follows a failed statement, it is attributed to that failure. */
  #rollback({ start, nanoseconds }: BoundaryCall): void {
    const { failure } = this.#transactions;
    this.#transactions.end(failure === undefined ? { outcome: "rollback" } : failed(failure), start, nanoseconds);
  }

  /** Records several statements in one call; the transactions inside it are derived from the text. */
  #closingScript(call: BoundaryCall, parts: readonly Statement[]): void {
    const wasOpen = this.#transactions.isOpen && !this.#began;
    const { ended, open, autocommits } = walk(parts, wasOpen);
    // After the release of a savepoint has committed, the text still shows it as open.
    if (open !== undefined && !this.inTransaction()) ended.push({ ...open, outcome: "commit" });
    else if (open !== undefined) this.#transactions.contains(open.statements, open.savepoints);
    for (const transaction of ended) this.#endWalked(call, transaction);
    this.#autocommits(call, autocommits);
  }

  #endWalked(call: BoundaryCall, { mode, statements, savepoints, outcome = "commit" }: WalkedTransaction): void {
    const { start, nanoseconds } = call;
    if (mode !== undefined) {
      this.#transactions.whole({ mode, outcome, start, nanoseconds, statements, savepoints });
      return;
    }
    this.#transactions.contains(statements, savepoints);
    if (outcome === "commit") this.#commit(call);
    else this.#rollback(call);
  }

  #closingFailed({ info, start, nanoseconds }: BoundaryCall, failure: string): void {
    const reason = conflictOf(failure);
    if (reason !== undefined) this.#transactions.conflict(reason);
    if (reason === "busy") this.#locked(nanoseconds, failure);
    if (this.#transactions.isOpen) {
      this.#transactions.fail(failure);
      if (!this.inTransaction()) this.#transactions.end(failed(failure), start, nanoseconds);
      return;
    }
    const { parts } = scriptOf(info);
    const begin = parts.find(({ control }) => control?.action === "begin");
    const mode = begin?.control?.mode ?? (writesIn(parts) > 0 ? "autocommit" : undefined);
    if (mode !== undefined) this.#transactions.implicit({ mode, ...failed(failure), start, nanoseconds, ...ONE_WRITE });
  }

  #locked(nanoseconds: number, failure?: string): void {
    if (!this.#isQueued) this.#transactions.locked(nanoseconds, retriesIn(nanoseconds), failure);
  }

  /** Records the writes of one call. Only the sum of their durations is known; it is divided evenly. */
  #autocommits({ start, nanoseconds, span }: BoundaryCall, writes: number): void {
    for (let i = 0; i < writes; i++) {
      this.#transactions.implicit({
        mode: "autocommit",
        outcome: "commit",
        start,
        nanoseconds: nanoseconds / writes,
        ...ONE_WRITE,
      });
    }
    if (writes > 0) this.#committed({ start, nanoseconds, rollup: activeRollup(), span, transaction: null });
  }

  #committed(commit: Commit): void {
    for (const watcher of this.#watchers) watcher.committed(commit);
  }

  /**
   * Tells whether a transaction is open after a call. Asking SQLite costs more than a short statement, so it is asked
   * only if the text is ambiguous.
   */
  #isOpenAfter(control: Control | undefined, failure: string | undefined): boolean {
    const action = failure === undefined ? control?.action : undefined;
    if (action === "begin") return true;
    if (action === "commit" || action === "rollback") return false;
    return this.inTransaction();
  }
}

const ONE_WRITE = { statements: 1, savepoints: 0 };

const COMMITTED: TransactionResult = { outcome: "commit" };

/** Properties of a call that runs statements. */
type Reported = Pick<Script, "parts" | "control">;

/** Call that runs no statement of the application: it compiles one, or copies the database. */
const NO_SCRIPT: Reported = { parts: [], control: undefined };

const scriptOf = (info: OperationInfo & Partial<Reported>): Reported =>
  info.parts === undefined ? NO_SCRIPT : (info as Reported);

const writesIn = (parts: readonly Statement[]): number =>
  parts.filter(({ kind }) => kind === OperationKind.WRITE).length;

const failed = (failure: string): TransactionResult => ({
  outcome: conflictOf(failure) === undefined ? "error" : "conflict",
  failure,
});

/** Returns the conflict that a result code stands for: https://sqlite.org/rescode.html */
function conflictOf(code: string): StorageConflictReason | undefined {
  if (code === "SQLITE_BUSY_SNAPSHOT") return "serialization";
  return /^SQLITE_(BUSY|LOCKED)/.test(code) ? "busy" : undefined;
}
