import {
  ATTR_STORAGE_CONFLICT_REASON,
  ATTR_STORAGE_TRANSACTION_MODE,
  ATTR_STORAGE_TRANSACTION_OUTCOME,
  ATTR_STORAGE_TRANSACTION_STATEMENTS,
  KIND_STORAGE_TRANSACTION,
  METRIC_STORAGE_TRANSACTION_CONFLICTS,
  type StorageConflictReason,
  type StorageTransactionMode,
  type StorageTransactionOutcome,
} from "../../semconv/index.ts";
import { metricRegistry } from "../metrics/registry.ts";
import type { Instance } from "../recording/instance.ts";
import { Activity, type ActivityOptions } from "./activity.ts";

const conflicts = metricRegistry.instrument(METRIC_STORAGE_TRANSACTION_CONFLICTS);

/** Transaction of an engine in which several can be open at once, and other code runs meanwhile. */
export class Transaction extends Activity {
  /** @param mode the way it takes its locks */
  constructor(instance: Instance, mode: StorageTransactionMode, options: ActivityOptions = {}) {
    const attributes = { [ATTR_STORAGE_TRANSACTION_MODE]: mode, ...options.attributes };
    super(instance, KIND_STORAGE_TRANSACTION, { ...options, attributes });
  }

  committed(): void {
    end(this, "commit");
  }

  /** Records that it was rolled back by the application, or because one of its statements failed. */
  rolledBack(): void {
    end(this, this.failure === undefined ? "rollback" : "error", this.failure);
  }

  /** Records a rollback, since closing a database rolls back its open transactions. */
  override abandon(): void {
    this.rolledBack();
  }

  /** Records that it ended by an error. */
  failedBy(error: unknown): void {
    end(this, "error", this.instance.errorType(error));
  }

  /** Records that it ended as another transaction was faster. */
  conflicted(reason: StorageConflictReason, error: unknown): void {
    conflicts.bind({ ...this.instance.attributes, [ATTR_STORAGE_CONFLICT_REASON]: reason }).add(1);
    end(this, "conflict", this.instance.errorType(error));
  }
}

/** Ends a transaction. No method of its own: a base class may know of an object whose constructor has not ended. */
function end(transaction: Transaction, outcome: StorageTransactionOutcome, failure?: string): void {
  const attributes = {
    [ATTR_STORAGE_TRANSACTION_OUTCOME]: outcome,
    [ATTR_STORAGE_TRANSACTION_STATEMENTS]: transaction.statements,
  };
  transaction.finish({ attributes, failure });
}
