import type { PendingCall } from "../../src/instrument/probe.ts";
import { PendingOperation } from "../../src/instrument/pending-operation.ts";
import type { DuckConnection } from "./connection.ts";
import type { Known } from "./database.ts";
import type { Result } from "./package-types.ts";

/** Results of calls, of which some are still to come. */
export interface CallResults {
  /** Tells whether the application polls for a result. */
  isPending(result: unknown): result is object;
  /** Follows what is polled until its result is there. */
  follow(pending: object, call: StatementCall): void;
  isStreaming(result: Result): boolean;
  /** Follows a result while its rows are fetched. */
  stream(result: Result, call: StatementCall): void;
  /** Returns the number of rows that were returned or changed. */
  rowsOf(result: Result): number;
}

/** Call of the application that runs statements: one operation, however many methods of the package it passes. */
export class StatementCall implements PendingCall {
  readonly known: Known;
  readonly connection: DuckConnection;
  readonly run: PendingOperation;
  readonly #results: CallResults;
  /** Number of statements that have succeeded; undefined while DuckDB runs them all at once. */
  #done: number | undefined;
  #blocked = 0;
  #isEnded = false;

  constructor(connection: DuckConnection, known: Known, results: CallResults) {
    this.connection = connection;
    this.known = known;
    this.#results = results;
    connection.begins(known.parts);
    this.run = new PendingOperation(known.operation, connection.transactions.open);
  }

  /** Notes the number of statements that DuckDB has found, which run one after the other. */
  extracted(count: number): void {
    // It replaces some by several: PIVOT, PRAGMA, IMPORT.
    if (count === this.known.parts.length) this.#done = 0;
  }

  /** Notes that one of several statements has succeeded. */
  step(): void {
    if (this.#done !== undefined) this.#done++;
  }

  /** Adds nanoseconds in which the event loop was blocked. */
  spent(nanoseconds: number): void {
    this.#blocked += nanoseconds;
  }

  /** @param result the result, or what the application polls until there is one */
  succeeded(result: unknown): void {
    if (this.#isEnded) return;
    this.connection.endsStreams();
    if (this.#results.isPending(result)) return this.#results.follow(result, this);
    this.#isEnded = true;
    const { nanoseconds } = this.run;
    const outcome = result as Result;
    const isStream = this.#results.isStreaming(outcome);
    if (isStream) this.#results.stream(outcome, this);
    else this.run.succeeded(this.#results.rowsOf(outcome), this.#blocked, nanoseconds);
    this.connection.succeeded({ start: this.run.start, nanoseconds, parts: this.known.parts });
  }

  failed(error: unknown): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.failedAfter(error, this.run.nanoseconds);
  }

  /** Records that it failed after a time spent in DuckDB. */
  failedAfter(error: unknown, nanoseconds: number): void {
    this.run.failed(error, this.#blocked, nanoseconds);
    const { parts } = this.known;
    this.connection.failed({ start: this.run.start, nanoseconds, parts, done: this.#done }, error);
  }
}
