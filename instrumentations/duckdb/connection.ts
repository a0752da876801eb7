import { OperationKind } from "../../src/recording/operation-kind.ts";
import type { DuckDatabase, Known } from "./database.ts";
import { hasRun } from "./errors.ts";
import { statementOfType, type Statement } from "./sql.ts";
import { Transactions, type Ran } from "./transactions.ts";

/** Result whose rows are fetched while the connection is used. */
interface OpenStream {
  /** True while a chunk is being fetched. */
  readonly isFetching: boolean;
  readonly isFinished: boolean;
  finish(): void;
}

/** Statements of a call that failed, as far as they are known. */
export interface FailedRun extends Ran {
  /** Number of statements that succeeded before; undefined if DuckDB does not tell. */
  readonly done: number | undefined;
}

/** Connection of the application. */
export class DuckConnection {
  readonly database: DuckDatabase;
  readonly transactions: Transactions;
  /** Results whose rows are still to come. */
  readonly #streams = new Set<OpenStream>();
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
    if (parts.some(isCheckpoint)) this.database.wal?.checkpointing();
  }

  /** Notes that DuckDB has run or prepared a statement, which ends the streams before it. */
  endsStreams(): void {
    for (const stream of this.#streams) {
      // Of several calls at once, it is not known which one came last.
      if (!stream.isFetching) stream.finish();
      if (stream.isFinished) this.#streams.delete(stream);
    }
  }

  streams(stream: OpenStream): void {
    this.#streams.add(stream);
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
    if (parts.some((part) => hasRun(error, part))) this.endsStreams();
    if (failing === undefined) return this.transactions.failedSomewhere(ran, error);
    if (failing > 0) this.succeeded({ ...ran, parts: parts.slice(0, failing) });
    this.transactions.failed(parts[failing] ?? UNKNOWN, error, ran.nanoseconds);
  }

  /** Notes that a statement could not be prepared, by which DuckDB can give up the open transaction. */
  failedToPrepare(error: unknown): void {
    if (hasRun(error, UNKNOWN)) this.endsStreams();
    this.transactions.failed(UNKNOWN, error, 0);
  }

  closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const stream of this.#streams) stream.finish();
    this.#streams.clear();
    this.transactions.closed();
    this.database.connections--;
  }
}

const isCheckpoint = ({ role }: Statement): boolean => role === "checkpoint";

const UNKNOWN = statementOfType("OTHER", OperationKind.OTHER);
