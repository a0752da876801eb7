import type { Iteration } from "../../src/instrument/iteration.ts";
import type { Operation } from "../../src/instrument/operation.ts";
import type { Connection } from "./connections.ts";
import type { Statement } from "./types.ts";

/** Prepared statement, which has neither its text nor its database. */
class Prepared {
  readonly #connection: Connection;
  readonly #sql: string;
  #operation: Operation | undefined;
  /** Iteration that the application may have given up: it has no way to tell. The next run ends it. */
  iteration: Iteration | undefined;
  /** True while `all` runs, which calls `iterate`. */
  isListing = false;

  constructor(connection: Connection, sql: string) {
    this.#connection = connection;
    this.#sql = sql;
  }

  get operation(): Operation {
    return (this.#operation ??= this.#connection.statement(this.#sql));
  }
}

const prepared = new WeakMap<Statement, Prepared>();

/** Notes what a statement was prepared from. */
export function notePrepared(statement: Statement, connection: Connection, sql: string): void {
  prepared.set(statement, new Prepared(connection, sql));
}

/** Returns the operation of a run of a statement, which ends an earlier iteration over it. */
export function runOf(statement: Statement): Operation | undefined {
  const known = prepared.get(statement);
  known?.iteration?.finish();
  return known?.operation;
}

/** Returns the operation of a call of `all`: the `iterate` that it calls first is part of it. */
export function listOf(statement: Statement): Operation | undefined {
  const operation = runOf(statement);
  if (operation !== undefined) prepared.get(statement)!.isListing = true;
  return operation;
}

/** Returns the operation of an iteration; undefined for one that is part of `all`. */
export function iterationOf(statement: Statement): Operation | undefined {
  const known = prepared.get(statement);
  if (known?.isListing !== true) return runOf(statement);
  known.isListing = false;
  return undefined;
}

/** Notes an iteration that has begun. */
export function noteIteration(statement: Statement, iteration: Iteration): void {
  prepared.get(statement)!.iteration = iteration;
}

/** Number of rows that the engine returns at once. */
const BATCH = 100;

/** Tells whether the next step of an iterator gets rows from the engine. */
export const asksEngine = (iterator: object): boolean =>
  (iterator as { readonly nextRowIndex?: unknown }).nextRowIndex === BATCH;
