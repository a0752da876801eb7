import type { StorageTransactionMode } from "../../semconv/index.ts";
import { OperationKind } from "../../src/operation-info.ts";
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

class Walker implements Walk {
  readonly ended: WalkedTransaction[] = [];
  open: WalkedTransaction | undefined;
  autocommits = 0;

  constructor(isOpen: boolean) {
    if (isOpen) this.open = begun(undefined);
  }

  statement(kind: OperationKind): void {
    if (this.open !== undefined) this.open.statements++;
    else if (kind === OperationKind.WRITE) this.autocommits++;
  }

  control({ action, mode }: Control): void {
    if (action === "begin") this.open ??= begun(mode);
    else if (action === "savepoint") this.#savepoint();
    else if (action === "commit" || action === "rollback") this.#end(action);
  }

  /** Outside of a transaction it begins one. */
  #savepoint(): void {
    if (this.open === undefined) this.open = begun("deferred");
    else this.open.savepoints++;
  }

  #end(outcome: "commit" | "rollback"): void {
    if (this.open !== undefined) this.ended.push({ ...this.open, outcome });
    this.open = undefined;
  }
}

const begun = (mode: StorageTransactionMode | undefined): WalkedTransaction => ({ mode, statements: 0, savepoints: 0 });
