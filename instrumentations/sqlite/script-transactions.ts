import type { StorageTransactionMode } from "../../semconv/index.ts";
import { OperationKind } from "../../src/recording/operation-kind.ts";
import type { Control, Statement } from "./sql.ts";

/** Transaction as derived from the text of a script. */
export interface WalkedTransaction {
  /** Undefined for the transaction that was open before the script. */
  readonly mode: StorageTransactionMode | undefined;
  statements: number;
  savepoints: number;
  outcome?: "commit" | "rollback";
}

export interface Walk {
  /** Transactions the script ended, in order. */
  readonly ended: WalkedTransaction[];
  /** The transaction it left open. */
  readonly open: WalkedTransaction | undefined;
  /** Number of writes outside of any transaction, each a transaction of its own. */
  readonly autocommits: number;
}

/**
 * Derives the transactions of a script that ran to its end. SQLite only reports whether a transaction is open before
 * and after the call; those that began and ended in between are derived from the text.
 */
export function walk(parts: readonly Statement[], isOpen: boolean): Walk {
  const walker = new Walker(isOpen);
  for (const { control, kind } of parts) {
    if (control !== undefined) walker.control(control);
    else walker.statement(kind);
  }
  return walker;
}

/** Failures that may cause SQLite to roll back the transaction: https://sqlite.org/lang_transaction.html */
const ROLLING_BACK = /^SQLITE_(FULL|IOERR|NOMEM|INTERRUPT)/;

/** Failure raised by a trigger: `RAISE(ROLLBACK, …)`, or another one. */
const RAISED = /^SQLITE_CONSTRAINT_TRIGGER/;

/** Tells whether SQLite refused to end a transaction, as it does if none is open: it was rolled back unnoticed. */
const hadNothingToEnd = ([first, second]: readonly Statement[], failure: string | undefined): boolean =>
  failure === "SQLITE_ERROR" && second === undefined && ENDING.has(first?.control?.action);

const ENDING: ReadonlySet<Control["action"] | undefined> = new Set<Control["action"]>(["commit", "rollback"]);

const mayHaveRolledBack = (parts: readonly Statement[], failure: string): boolean =>
  RAISED.test(failure) || hadNothingToEnd(parts, failure);

/** Tracker of transactions by their statements, call by call. */
export class Walker implements Walk {
  readonly ended: WalkedTransaction[] = [];
  open: WalkedTransaction | undefined;
  autocommits = 0;
  /** The savepoint that began the open transaction. */
  #first: string | undefined;
  readonly #savepoints: string[] = [];

  constructor(isOpen: boolean) {
    if (isOpen) this.open = begun(undefined);
  }

  /**
   * Tracks a call that may have failed; of a failed script, the beginning of a transaction counts.
   * @param isStillOpen called if a failure may have rolled back the transaction without reporting it
   */
  call(
    parts: readonly Statement[],
    failure: string | undefined,
    isStillOpen: () => boolean = () => !hadNothingToEnd(parts, failure),
  ): void {
    const isRolledBack =
      failure !== undefined &&
      (ROLLING_BACK.test(failure) ||
        (/CONSTRAINT/.test(failure) && parts.some(({ rollsBack }) => rollsBack)) ||
        (this.open !== undefined && mayHaveRolledBack(parts, failure) && !isStillOpen()));
    if (isRolledBack) return this.#end("rollback");
    const done =
      failure === undefined ? parts : parts.slice(0, -1).filter(({ control }) => control?.action === "begin");
    for (const { control } of done) if (control !== undefined) this.control(control);
    this.ended.length = 0;
  }

  statement(kind: OperationKind): void {
    if (this.open !== undefined) this.open.statements++;
    else if (kind === OperationKind.WRITE) this.autocommits++;
  }

  control({ action, mode, savepoint }: Control): void {
    if (action === "begin") this.#begin(mode);
    else if (action === "savepoint") this.#savepoint(savepoint);
    else if (action === "release") this.#release(savepoint);
    else if (action === "commit" || action === "rollback") this.#end(action);
  }

  /**
   * Begins a transaction. SQLite refuses this inside a transaction: one that was open has ended unnoticed, by the
   * release of its savepoint.
   */
  #begin(mode: StorageTransactionMode): void {
    this.#end("commit");
    this.open = begun(mode);
  }

  /** Sets a savepoint. Outside of a transaction it begins one. */
  #savepoint(name: string): void {
    if (this.open !== undefined) {
      this.open.savepoints++;
      this.#savepoints.push(name);
      return;
    }
    this.open = begun("deferred");
    this.#first = name;
  }

  /** Releases a savepoint and those set after it; releasing the one that began the transaction commits it. */
  #release(name: string): void {
    const at = this.#savepoints.lastIndexOf(name);
    if (at !== -1) this.#savepoints.length = at;
    else if (name === this.#first) this.#end("commit");
  }

  #end(outcome: "commit" | "rollback"): void {
    if (this.open !== undefined) this.ended.push({ ...this.open, outcome });
    this.open = undefined;
    this.#first = undefined;
    this.#savepoints.length = 0;
  }
}

const begun = (mode: StorageTransactionMode | undefined): WalkedTransaction => ({ mode, statements: 0, savepoints: 0 });
