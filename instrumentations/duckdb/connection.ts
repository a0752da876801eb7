import { OperationKind } from "../../src/recording/operation-kind.ts";
import type { DuckDatabase, Known } from "./database.ts";
import { statementOfType, type Statement } from "./sql.ts";
import type { DuckStream } from "./stream.ts";
import { Transactions, type Ran } from "./transactions.ts";

/** Statements of a call that failed, as far as they are known. */
export interface FailedRun extends Ran {
  /** Number of statements that succeeded before; undefined if DuckDB does not tell. */
  readonly done: number | undefined;
}

/** Connection of the application. */
export class DuckConnection {
  readonly database: DuckDatabase;
  readonly transactions: Transactions;
  /** Result whose rows are still to come: DuckDB ends it with the next statement of its connection. */
  #stream: DuckStream | undefined;
  #isClosed = false;

  constructor(database: DuckDatabase) {
    this.database = database;
    this.transactions = new Transactions(database.database);
    database.connections++;
  }

  known(sql: unknown): Known {
    return this.database.known(String(sql));
  }

  /** Notes that a call begins to run statements. */
  begins(parts: readonly Statement[]): void {
    this.#stream?.finish();
    this.#stream = undefined;
    if (parts.some(isCheckpoint)) this.database.wal?.checkpointing();
  }

  streams(stream: DuckStream): void {
    this.#stream = stream;
  }

  /** Follows a call that succeeded. */
  succeeded(ran: Ran): void {
    const { database } = this;
    const hasCommitted = this.transactions.succeeded(ran);
    if (ran.parts.length > 1 && ran.parts.some(isCheckpoint)) database.wal?.checkpointedBetween();
    if (hasCommitted) database.committed();
  }

  /** Follows a call that failed. */
  failed({ done, ...ran }: FailedRun, error: unknown): void {
    const { parts } = ran;
    const failing = parts.length === 1 ? 0 : done;
    if (failing === undefined) return this.transactions.failedSomewhere(ran, error);
    if (failing > 0) this.succeeded({ ...ran, parts: parts.slice(0, failing) });
    this.transactions.failed(parts[failing] ?? UNKNOWN, error, ran.nanoseconds);
  }

  /** Notes that a statement could not be prepared, by which DuckDB can give up the open transaction. */
  failedToPrepare(error: unknown): void {
    this.transactions.failed(UNKNOWN, error, 0);
  }

  closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stream?.finish();
    this.transactions.closed();
    this.database.connections--;
  }
}

const isCheckpoint = ({ role }: Statement): boolean => role === "checkpoint";

const UNKNOWN = statementOfType("OTHER", OperationKind.OTHER);
