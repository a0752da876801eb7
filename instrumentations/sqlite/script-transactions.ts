import type { StorageTransactionMode } from "../../semconv/index.ts";
import { OperationKind } from "../../src/recording/operation-kind.ts";
import type { Control, Statement } from "./sql.ts";

/** A transaction as the text of a script tells it. */
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
  /** The one it left open. */
  readonly open: WalkedTransaction | undefined;
  /** Writes outside of any, each a transaction of its own. */
  readonly autocommits: number;
}

/**
 * Follows the transactions of a script that ran to its end. SQLite tells only whether one is open before and
 * after the call; what began and ended in between stands in the text.
 */
export function walk(parts: readonly Statement[], isOpen: boolean): Walk {
  const walker = new Walker(isOpen);
  for (const { control, kind } of parts) {
    if (control !== undefined) walker.control(control);
    else walker.statement(kind);
  }
  return walker;
}

/** Failures SQLite may answer by rolling the transaction back: https://sqlite.org/lang_transaction.html */
const ROLLING_BACK = /^SQLITE_(FULL|IOERR|NOMEM|INTERRUPT)/;

/** What a trigger raises: `RAISE(ROLLBACK, …)`, or another one. */
const RAISED = /^SQLITE_CONSTRAINT_TRIGGER/;

/** Follows statements that were carried out, one call after the other. */
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
   * Follows a call that need not have succeeded; of a script that failed it counts that it began a transaction.
   * @param isStillOpen asked after what may have rolled the transaction back and does not say so
   */
  call(parts: readonly Statement[], failure: string | undefined, isStillOpen: () => boolean = () => true): void {
    const isRolledBack =
      failure !== undefined &&
      (ROLLING_BACK.test(failure) ||
        (/CONSTRAINT/.test(failure) && parts.some(({ rollsBack }) => rollsBack)) ||
        (RAISED.test(failure) && this.open !== undefined && !isStillOpen()));
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

  /** SQLite refuses it inside of a transaction: one that was open has ended unseen, by the release of its savepoint. */
  #begin(mode: StorageTransactionMode): void {
    this.#end("commit");
    this.open = begun(mode);
  }

  /** Outside of a transaction it begins one. */
  #savepoint(name: string): void {
    if (this.open !== undefined) {
      this.open.savepoints++;
      this.#savepoints.push(name);
      return;
    }
    this.open = begun("deferred");
    this.#first = name;
  }

  /** Takes those set after it along; the one that began the transaction commits it. */
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
