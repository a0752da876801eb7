import type { PendingCall, Probe } from "../../src/instrument/probe.ts";
import { PendingOperation } from "../../src/instrument/pending-operation.ts";
import type { Operation } from "../../src/instrument/operation.ts";
import { OperationKind } from "../../src/recording/operation-kind.ts";
import { stableName } from "../sql/stable-name.ts";
import type { DuckConnection } from "./connection.ts";
import type { Chunk, Package } from "./package-types.ts";
import { statementOfType } from "./sql.ts";

/** Rows that an application appends to a table, without SQL. */
interface Appending {
  readonly connection: DuckConnection;
  readonly operation: Operation;
  /** Rows since they were last flushed. */
  rows: number;
}

const NAME = "APPEND";
const STATEMENT = statementOfType(NAME, OperationKind.WRITE);

/** Observes appenders: each flush is a write of the rows before it. */
export function patchAppender(
  { DuckDBConnection, DuckDBAppender }: Package,
  probe: Probe,
  connectionOf: (connection: object) => DuckConnection | undefined,
): void {
  const appenders = new WeakMap<object, Appending>();
  probe.pending(DuckDBConnection.prototype, "createAppender", (self: object, names) => {
    const connection = connectionOf(self);
    if (connection === undefined) return undefined;
    const operation = connection.database.operation(OperationKind.WRITE, NAME, tableOf(names));
    // Only a failure is a run of its own.
    const run = new PendingOperation(operation, connection.transactions.open, false);
    return {
      succeeded: (appender) => appenders.set(appender as object, { connection, operation, rows: 0 }),
      failed: (error) => run.failed(error),
    };
  });
  const { prototype } = DuckDBAppender;
  const count = (name: string, rowsOf: (rows: number, argument: unknown) => number): void =>
    probe.after(prototype, name, (appender: object, _, [argument]) => {
      const appending = appenders.get(appender);
      if (appending !== undefined) appending.rows = rowsOf(appending.rows, argument);
    });
  count("endRow", (rows) => rows + 1);
  count("appendDataChunk", (rows, chunk) => rows + (chunk as Chunk).rowCount);
  count("clear", () => 0);
  for (const name of ["flushSync", "closeSync"])
    probe.pending(prototype, name, (appender: object) => {
      const appending = appenders.get(appender);
      return appending === undefined || appending.rows === 0 ? undefined : new Flush(appending);
    });
}

/** Returns the name of a table, without the schema that it has by default. */
function tableOf([table, schema, catalog]: readonly unknown[]): string {
  const names = [catalog, schema === "main" ? undefined : schema, table];
  return stableName(names.filter((name) => typeof name === "string").join("."));
}

/** Call that writes what was appended. */
class Flush implements PendingCall {
  readonly #appending: Appending;
  readonly #rows: number;
  readonly #run: PendingOperation;

  constructor(appending: Appending) {
    const { connection, operation } = appending;
    this.#appending = appending;
    this.#rows = appending.rows;
    appending.rows = 0;
    this.#run = new PendingOperation(operation, connection.transactions.open);
  }

  succeeded(): void {
    const { connection } = this.#appending;
    const { start, nanoseconds } = this.#run;
    connection.endsStreams();
    this.#run.succeeded(this.#rows, nanoseconds, nanoseconds);
    connection.succeeded({ start, nanoseconds, parts: [STATEMENT] });
  }

  failed(error: unknown): void {
    const { start, nanoseconds } = this.#run;
    this.#run.failed(error, nanoseconds, nanoseconds);
    this.#appending.connection.failed({ start, nanoseconds, parts: [STATEMENT], done: 0 }, error);
  }
}
