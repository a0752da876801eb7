import { Operation } from "../../src/instrument/operation.ts";
import { Boundary, OperationKind } from "../../src/recording/operation-kind.ts";
import type { OperationInfo } from "../../src/recording/operation-info.ts";
import type { Probe } from "../../src/instrument/probe.ts";
import { unfinishedIterations } from "../../src/instrument/unfinished.ts";
import { unobserved } from "../../src/instrument/wrap.ts";
import { errorType } from "../../src/runtime/error-type.ts";
import { now } from "../../src/runtime/clock.ts";
import { locate, type Location } from "../files/location.ts";
import { SqliteConnection, type ConnectionOptions } from "../sqlite/connection.ts";
import { resultCodeName } from "../sqlite/result-codes.ts";
import type { Db, Native, Statement } from "./types.ts";

export type Connection = SqliteConnection<Db>;

/** Opened database, by its native handle. */
interface Opened {
  /** Undefined for a database without a file. */
  readonly location: Location | undefined;
  /** True if it is a server's: what is called there is no call of SQLite in this process. */
  readonly isRemote: boolean;
}

const opened = new WeakMap<object, Opened>();
const connections = new WeakMap<Db, Connection>();

const REMOTE = /^(?:libsql|https?|wss?):/i;

/** Notes the file of each database that is opened, which the classes do not keep. */
export function watchOpening(native: Native, probe: Probe): void {
  for (const name of ["databaseOpen", "databaseOpenWithSync"]) {
    probe.after(native, name, (_, handle: object, [path]) => {
      opened.set(handle, openedAt(String(path)));
    });
  }
}

const openedAt = (path: string): Opened => ({
  location: path === "" || path === ":memory:" ? undefined : locate(path),
  isRemote: REMOTE.test(path),
});

/** Returns the connection of a database, or undefined if it is remote, or the method was called on another object. */
export function connectionOf(db: Db | undefined, prototype?: Db): Connection | undefined {
  if (typeof db?.db !== "object" || db.db === null) return undefined;
  const known = connections.get(db);
  if (known !== undefined) return known;
  const at = opened.get(db.db) ?? (prototype && askedOf(db, prototype));
  if (at === undefined || at.isRemote) return undefined;
  const connection = new SqliteConnection(db, { ...optionsOf(prototype), location: at.location });
  connections.set(db, connection);
  return connection;
}

/**
 * Returns the options of a database. None of our queries runs there: libsql leaves a statement that finds the database
 * locked in progress until it is collected, and until then the application can drop no table.
 * @param prototype that of the synchronous class; undefined for the other one
 */
function optionsOf(prototype: Db | undefined): Omit<ConnectionOptions<Db>, "location"> {
  const options = { errorType: codeOf, isPlanned: () => false };
  // The asynchronous class would wait for a statement in another thread.
  if (prototype === undefined) return { ...options, isAsynchronous: true };
  // Of a closed database, libsql ends the process for this question.
  return { ...options, inTransaction: (db) => db.open && db.inTransaction };
}

/**
 * Asks for the file of a database that was opened unobserved. This pragma reads nothing of the database, and `get` ends
 * its statement.
 */
function askedOf(db: Db, prototype: Db): Opened | undefined {
  if (!db.open) return undefined;
  const statement = unobserved(prototype.prepare as Method).call(db, "PRAGMA database_list") as Statement;
  const row = unobserved(statement.get as Method).call(statement.raw()) as readonly unknown[];
  return typeof row[2] === "string" ? openedAt(row[2]) : undefined;
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Returns the result code of an error; an error of an iteration has its number only. */
function codeOf(error: unknown): string {
  const { rawCode } = (error ?? {}) as { readonly rawCode?: unknown };
  return typeof rawCode === "number" ? resultCodeName(rawCode) : errorType(error);
}

const SYNC: OperationInfo = {
  kind: OperationKind.OTHER,
  boundary: Boundary.NONE,
  statements: 0,
  name: "SYNC",
  summary: "SYNC",
};

const synchronizations = new WeakMap<Connection, Operation>();

/** Returns the operation of getting the changes of a server into an embedded replica. */
export function synchronizing(connection: Connection | undefined): Operation | undefined {
  if (connection === undefined) return undefined;
  const known = synchronizations.get(connection);
  if (known !== undefined) return known;
  const operation = new Operation(connection.database, SYNC);
  synchronizations.set(connection, operation);
  return operation;
}

/** Records that a database was closed, which ends its iterations. */
export function closed(db: Db): void {
  const connection = connections.get(db);
  if (connection === undefined) return;
  for (const iteration of unfinishedIterations()) if (iteration.database === connection.database) iteration.finish();
  connection.closed(now());
}
