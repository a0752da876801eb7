import { METRIC_STORAGE_TRANSACTION_WAL_SIZE } from "../../semconv/index.ts";
import type { HistogramSeries } from "../../src/metrics/histogram.ts";
import { metricRegistry } from "../../src/metrics/registry.ts";
import type { Instance } from "../../src/recording/instance.ts";
import { OperationKind } from "../../src/recording/operation-kind.ts";
import type { Control } from "../sqlite/sql.ts";
import { Transactions, type TransactionResult } from "../layers/transaction.ts";
import type { PostgresModule } from "./engine.ts";
import type { PostgresScript, PostgresStatement } from "./sql.ts";

const walSizes = metricRegistry.instrument(METRIC_STORAGE_TRANSACTION_WAL_SIZE);

/** Call that ran a text, while no other did. */
export interface Call {
  readonly script: PostgresScript;
  /** When it got the connection. */
  readonly start: bigint;
  readonly end: bigint;
  readonly failure: string | undefined;
  readonly walBytes: number | undefined;
  readonly module: PostgresModule | undefined;
}

const nanosecondsOf = ({ start, end }: Call): number => Number(end - start);

/** What PostgreSQL tells about a call. */
interface Told {
  /** True if a transaction was open before the call. */
  readonly wasOpen: boolean;
  /** True if one is open after it. */
  readonly isOpen: boolean;
  /** True if it answered a COMMIT by a rollback, as a statement had failed. */
  readonly isRolledBack: boolean;
}

/** Transaction as the text of a script shows it. */
interface Walked {
  /** False for the one that was open before the script. */
  readonly isNew: boolean;
  statements: number;
  savepoints: number;
  outcome?: "commit" | "rollback";
}

/** What a script did that has succeeded, derived from its text. */
class Walk {
  /** Transactions that it ended. */
  readonly ended: Walked[] = [];
  /** The one that it left open. */
  open: Walked | undefined;
  /** True if it wrote outside of any. */
  writes = false;

  constructor(parts: readonly PostgresStatement[], isOpen: boolean) {
    this.open = isOpen ? newWalked(false) : undefined;
    for (const { control, kind } of parts) {
      if (control !== undefined) this.#control(control.action);
      else if (this.open !== undefined) this.open.statements++;
      else this.writes ||= kind === OperationKind.WRITE;
    }
  }

  #control(action: Control["action"]): void {
    if (action === "begin") this.open ??= newWalked(true);
    else if (action === "savepoint" && this.open !== undefined) this.open.savepoints++;
    else if (action === "commit" || action === "rollback") {
      if (this.open !== undefined) this.ended.push({ ...this.open, outcome: action });
      this.open = undefined;
    }
  }
}

const newWalked = (isNew: boolean): Walked => ({ isNew, statements: 0, savepoints: 0 });

/** Transactions of the one connection. PostgreSQL itself tells whether one is open; the text tells how it ended. */
export class Boundaries {
  readonly #transactions: Transactions;
  readonly #sizes: HistogramSeries;
  /** Bytes that the open transaction has written to the log so far. */
  #bytes: number | undefined = 0;
  /** `error.type` of the statement because of which PostgreSQL refuses all others up to the end of the transaction. */
  #cause: string | undefined;

  constructor(database: Instance) {
    this.#transactions = new Transactions(database, "connection");
    this.#sizes = walSizes.bind(database.attributes);
  }

  get isOpen(): boolean {
    return this.#transactions.isOpen;
  }

  /** Records the wait for the connection. */
  waited(nanoseconds: number): void {
    this.#transactions.locked(nanoseconds, 0);
  }

  /** Records a call that neither began nor ended a transaction. */
  ran(call: Call, isWrite: boolean): void {
    if (this.isOpen) this.#bytes = sum(this.#bytes, call.walBytes);
    else if (isWrite) {
      this.#bytes = call.walBytes;
      this.#implicit(call, COMMITTED);
    }
  }

  /**
   * Records the beginning of a transaction, in which the call that began it is counted.
   * @param isOpen tells whether one is open after the call
   */
  opening({ script, start, failure }: Call, isOpen: boolean): void {
    if (this.isOpen || !isOpen) return;
    this.#transactions.begin({ mode: "deferred", start, info: script });
    this.#bytes = 0;
    this.#cause = failure;
  }

  /** Records the ends of transactions by a call that was counted before. */
  closing(call: Call, { wasOpen, isOpen, isRolledBack }: Told): void {
    this.#bytes = sum(this.#bytes, call.walBytes);
    if (call.failure !== undefined) return this.#closingFailed(call, call.failure, isOpen);
    const { parts } = call.script;
    if (parts.at(-1)?.control?.action === "rollback to") this.#cause = undefined;
    const { ended, open, writes } = new Walk(parts, wasOpen);
    for (const each of ended) this.#end(call, each, isRolledBack);
    if (open !== undefined && parts.length > 1) this.#transactions.contains(open.statements, open.savepoints);
    else if (open !== undefined) this.#transactions.contains(0, open.savepoints);
    if (writes) this.#implicit(call, COMMITTED);
    // After COMMIT AND CHAIN, the next one is open.
    if (isOpen) this.opening(call, true);
    else this.#bytes = 0;
  }

  closed(timestamp: bigint): void {
    this.#transactions.close(timestamp);
  }

  #end(call: Call, { isNew, outcome = "commit", statements, savepoints }: Walked, isRolledBack: boolean): void {
    const { start } = call;
    const nanoseconds = nanosecondsOf(call);
    const result = this.#resultOf(outcome, isRolledBack);
    this.#cause = undefined;
    this.#record();
    if (isNew) {
      // One that began and ended within the script; its beginning was not seen.
      this.#transactions.whole({ mode: "deferred", ...result, start, nanoseconds, statements, savepoints });
      return;
    }
    if (call.script.parts.length > 1) this.#transactions.contains(statements, savepoints);
    if (result.outcome === "commit") this.#transactions.committing(nanoseconds);
    this.#transactions.end(result, start, nanoseconds);
  }

  #resultOf(outcome: "commit" | "rollback", isRolledBack: boolean): TransactionResult {
    const isRefused = outcome === "commit" && isRolledBack;
    if (outcome === "commit" && !isRefused) return { outcome };
    const failure = this.#cause ?? (isRefused ? ABORTED : undefined);
    return failure === undefined ? { outcome: "rollback" } : { outcome: "error", failure };
  }

  #closingFailed(call: Call, failure: string, isOpen: boolean): void {
    this.#cause ??= failure;
    if (isOpen) return;
    const { start, script } = call;
    if (this.isOpen) {
      this.#record();
      this.#transactions.end({ outcome: "error", failure }, start, nanosecondsOf(call));
    } else if (script.parts.some(({ kind }) => kind === OperationKind.WRITE))
      this.#implicit(call, { outcome: "error", failure });
    this.#cause = undefined;
    this.#bytes = 0;
  }

  /** Records a call that wrote outside of a transaction, and is one itself. */
  #implicit(call: Call, result: TransactionResult): void {
    this.#record();
    const { start } = call;
    const nanoseconds = nanosecondsOf(call);
    this.#transactions.implicit({ mode: "autocommit", ...result, start, nanoseconds, statements: 1, savepoints: 0 });
  }

  #record(): void {
    if (this.#bytes !== undefined) this.#sizes.record(this.#bytes);
    this.#bytes = 0;
  }
}

const COMMITTED: TransactionResult = { outcome: "commit" };

/** SQLSTATE of a transaction in which a statement has failed. */
const ABORTED = "25P02";

const sum = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a + b;
