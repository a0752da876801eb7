import type { StorageTransactionMode } from "../../semconv/index.ts";
import { OperationKind } from "../../src/operation-info.ts";
import type { Statement } from "./sql.ts";

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
  const ended: WalkedTransaction[] = [];
  let open = isOpen ? begun(undefined) : undefined;
  let autocommits = 0;
  for (const { control, kind } of parts) {
    switch (control?.action) {
      case undefined:
        if (open !== undefined) open.statements++;
        else if (kind === OperationKind.WRITE) autocommits++;
        break;
      case "begin":
        open ??= begun(control!.mode);
        break;
      case "savepoint":
        if (open === undefined) open = begun("deferred");
        else open.savepoints++;
        break;
      case "commit":
      case "rollback":
        if (open !== undefined) ended.push({ ...open, outcome: control!.action as "commit" | "rollback" });
        open = undefined;
        break;
      default:
    }
  }
  return { ended, open, autocommits };
}

const begun = (mode: StorageTransactionMode | undefined): WalkedTransaction => ({ mode, statements: 0, savepoints: 0 });
