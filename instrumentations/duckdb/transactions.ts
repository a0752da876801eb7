import {
  ATTR_ERROR_TYPE,
  ATTR_STORAGE_CONFLICT_REASON,
  ATTR_STORAGE_TRANSACTION_MODE,
  ATTR_STORAGE_TRANSACTION_OUTCOME,
  METRIC_STORAGE_TRANSACTION_COMMIT_DURATION,
  METRIC_STORAGE_TRANSACTION_CONFLICTS,
  METRIC_STORAGE_TRANSACTION_DURATION,
  type StorageTransactionOutcome,
} from "../../semconv/index.ts";
import { Transaction } from "../../src/instrument/transaction.ts";
import type { HistogramSeries } from "../../src/metrics/histogram.ts";
import { metricRegistry } from "../../src/metrics/registry.ts";
import type { Instance } from "../../src/recording/instance.ts";
import { OperationKind } from "../../src/recording/operation-kind.ts";
import { hasRun, isConflict, isWithoutTransaction } from "./errors.ts";
import type { Statement } from "./sql.ts";

const durations = metricRegistry.instrument(METRIC_STORAGE_TRANSACTION_DURATION);
const commits = metricRegistry.instrument(METRIC_STORAGE_TRANSACTION_COMMIT_DURATION);
const conflicts = metricRegistry.instrument(METRIC_STORAGE_TRANSACTION_CONFLICTS);

/** Call that ran statements. */
export interface Ran {
  readonly start: bigint;
  readonly nanoseconds: number;
  readonly parts: readonly Statement[];
}

/** Creates the series of a database at its start: an alert on the first conflict requires them. */
export function expectTransactions({ attributes }: Instance): void {
  commits.bind(attributes);
  conflicts.bind({ ...attributes, [ATTR_STORAGE_CONFLICT_REASON]: "serialization" });
}

/** Transactions of one connection, by its statements: DuckDB has at most one open in each connection. */
export class Transactions {
  readonly #instance: Instance;
  readonly #commits: HistogramSeries;
  /** Durations of the single writes that were committed. */
  #singles: HistogramSeries | undefined;
  #open: Transaction | undefined;
  /** Error after which DuckDB refuses everything in the open transaction but its end. */
  #fatal: { readonly error: unknown } | undefined;

  constructor(instance: Instance) {
    this.#instance = instance;
    this.#commits = commits.bind(instance.attributes);
  }

  /** The open transaction. */
  get open(): Transaction | undefined {
    return this.#open;
  }

  /**
   * Follows statements that succeeded.
   * @returns true if something was committed
   */
  succeeded({ start, nanoseconds, parts }: Ran): boolean {
    let writes = 0;
    let hasCommitted = false;
    // Otherwise the operation counts its statements.
    const counted = parts.some(({ kind }) => kind === OperationKind.TRANSACTION) ? 1 : 0;
    for (const { role, kind } of parts) {
      if (role === "begin") this.#begin(start);
      else if (role === "commit") hasCommitted = this.#commit(nanoseconds) || hasCommitted;
      else if (role === "rollback") this.#rollBack();
      else if (this.#open !== undefined) this.#contains(counted);
      else if (kind === OperationKind.WRITE) writes++;
    }
    if (writes > 0) this.#committedAlone(writes, nanoseconds);
    return hasCommitted || writes > 0;
  }

  /** Records writes outside of a transaction. Only the sum of their durations is known; it is divided evenly. */
  #committedAlone(writes: number, nanoseconds: number): void {
    this.#singles ??= this.#single("commit", undefined);
    for (let i = 0; i < writes; i++) this.#singles.record(nanoseconds / writes);
  }

  /** Follows a statement that failed. */
  failed(statement: Statement, error: unknown, nanoseconds: number): void {
    const { role, kind } = statement;
    if (isWithoutTransaction(error)) return this.#rollBack();
    if (!hasRun(error, statement)) return;
    if (role === "commit") this.#endBy(error);
    else if (this.#open !== undefined) this.#fatal ??= { error };
    else if (kind === OperationKind.WRITE) this.#failedAlone(error, nanoseconds);
  }

  /** Follows a script that failed at a statement that is not known. */
  failedSomewhere({ start, nanoseconds, parts }: Ran, error: unknown): void {
    if (!parts.some((part) => hasRun(error, part))) return;
    const begins = parts.some(({ role }) => role === "begin");
    const writes = parts.some(({ kind }) => kind === OperationKind.WRITE);
    // Nothing in front of the first BEGIN failed, as far as is known.
    if (begins && this.#open === undefined) this.#begin(start);
    if (this.#open !== undefined) this.#fatal ??= { error };
    else if (writes) this.#failedAlone(error, nanoseconds);
  }

  /** Rolls the open transaction back, as its connection was closed. */
  closed(): void {
    this.#rollBack();
  }

  #begin(start: bigint): void {
    // One that ended unseen.
    this.#rollBack();
    this.#open = new Transaction(this.#instance, "optimistic", { start, holdsSnapshot: true });
  }

  /** Follows a statement in the open transaction. As it succeeded, DuckDB has not given the transaction up. */
  #contains(counted: number): void {
    this.#open!.statements += counted;
    this.#fatal = undefined;
  }

  #commit(nanoseconds: number): boolean {
    const fatal = this.#fatal;
    const transaction = this.#take();
    if (transaction === undefined) return false;
    // DuckDB reports no error for the commit of a transaction that it has given up.
    if (fatal !== undefined) {
      end(transaction, fatal.error);
      return false;
    }
    this.#commits.record(nanoseconds);
    transaction.committed();
    return true;
  }

  #rollBack(): void {
    const fatal = this.#fatal;
    const transaction = this.#take();
    if (fatal === undefined) transaction?.rolledBack();
    else if (transaction !== undefined) end(transaction, fatal.error);
  }

  #endBy(error: unknown): void {
    const fatal = this.#fatal;
    const transaction = this.#take();
    if (transaction !== undefined) end(transaction, fatal === undefined ? error : fatal.error);
  }

  #take(): Transaction | undefined {
    const transaction = this.#open;
    this.#open = this.#fatal = undefined;
    return transaction;
  }

  #failedAlone(error: unknown, nanoseconds: number): void {
    const { attributes } = this.#instance;
    const isLost = isConflict(error);
    if (isLost) conflicts.bind({ ...attributes, [ATTR_STORAGE_CONFLICT_REASON]: "serialization" }).add(1);
    this.#single(isLost ? "conflict" : "error", this.#instance.errorType(error)).record(nanoseconds);
  }

  /** Returns the durations of the transactions that writes outside of an explicit one are. */
  #single(outcome: StorageTransactionOutcome, failure: string | undefined): HistogramSeries {
    return durations.bind({
      ...this.#instance.attributes,
      [ATTR_STORAGE_TRANSACTION_MODE]: "autocommit",
      [ATTR_STORAGE_TRANSACTION_OUTCOME]: outcome,
      [ATTR_ERROR_TYPE]: failure,
    });
  }
}

function end(transaction: Transaction, error: unknown): void {
  if (isConflict(error)) transaction.conflicted("serialization", error);
  else transaction.failedBy(error);
}
