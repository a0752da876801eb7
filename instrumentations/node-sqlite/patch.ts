import { channel } from "node:diagnostics_channel";
import { syncBuiltinESMExports } from "node:module";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { errorType } from "../../src/runtime/error-type.ts";
import { now } from "../../src/runtime/clock.ts";
import type { Operation } from "../../src/instrument/operation.ts";
import { isOwn } from "../../src/instrument/own-databases.ts";
import { Guard } from "../../src/runtime/guard.ts";
import { Scans } from "../../src/instrument/scan-counter.ts";
import { perObject, type PendingCall, type Probe } from "../../src/instrument/probe.ts";
import { unobserved, type AnyFunction } from "../../src/instrument/wrap.ts";
import { changedRows } from "../sqlite/changes.ts";
import { SqliteConnection, type ConnectionOptions } from "../sqlite/connection.ts";
import { locate, type Location } from "../files/location.ts";
import { resultCodeName } from "../sqlite/result-codes.ts";
import { isMain } from "../sqlite/schema.ts";
import { backingUp } from "../sqlite/snapshot.ts";

type Sqlite = typeof import("node:sqlite");

/** Members of a database that were added after the first supported version of Node.js. */
interface NewerDatabase {
  readonly isTransaction?: boolean;
  location?(): string | null;
  createTagStore?(): object;
}
type Db = DatabaseSync & NewerDatabase;

/** Cache of statements that are written as tagged templates. It runs them without the methods of statements. */
interface TagStore {
  readonly db: Db;
}
type Template = readonly string[];

/** Patches the module. The classes are kept; their prototypes are patched, for `require` and `import` alike. */
export function patch(exports: unknown, probe: Probe): unknown {
  const { DatabaseSync, StatementSync } = exports as Sqlite;
  opened = () => probe.used();
  patchDatabase(DatabaseSync.prototype, probe);
  patchStatement(StatementSync.prototype, probe);
  patchModule(process.getBuiltinModule("node:sqlite"), probe);
  return exports;
}

/**
 * Patches `backup` on the module. The namespace that `import` returns for a built-in module is a copy; it cannot be
 * modified but is synchronized with the module.
 */
function patchModule(module: Sqlite, probe: Probe): void {
  if (!("backup" in module)) return;
  probe.pending(module, "backup", backupOf);
  syncBuiltinESMExports();
}

function patchDatabase(prototype: Db, probe: Probe): void {
  probe.sync(prototype, "prepare", (db: Db) => connectionOf(db)?.preparing, prepared);
  probe.sync(prototype, "exec", scriptOf, "none");
  if ("serialize" in prototype) {
    const serializing = (db: Db, schema: unknown): Operation | undefined =>
      isMain(schema) ? connectionOf(db)?.serializing : undefined;
    probe.sync(prototype, "serialize", serializing, "none");
  }
  for (const name of ["close", Symbol.dispose]) {
    if (name in prototype) probe.after(prototype, name, closed);
  }
  if ("applyChangeset" in prototype) {
    probe.sync(prototype, "applyChangeset", (db: Db) => connectionOf(db)?.changing, "none");
  }
  probe.after(prototype, "function", (db: Db, _, [, options]) => {
    if (isDeterministic(options)) deterministic.add(db);
  });
  if ("setAuthorizer" in prototype) {
    probe.after(prototype, "setAuthorizer", (db: Db) => void authorized.add(db));
  }
  if ("createTagStore" in prototype) {
    probe.after(prototype, "createTagStore", (_: Db, store: object) => {
      patchTagStore(Object.getPrototypeOf(store) as object, probe);
    });
  }
}

/** Closes the connection of a database. If the database is opened again, it has a new connection. */
function closed(db: Db): void {
  connections.get(db)?.closed(now());
  connections.delete(db);
}

function patchStatement(prototype: object, probe: Probe): void {
  const scans = scansOf(prototype);
  probe.sync(prototype, "run", operationOf, changedRows, scans);
  probe.sync(prototype, "get", operationOf, "one", scans);
  probe.sync(prototype, "all", operationOf, "length", scans);
  probe.iterator(prototype, "iterate", operationOf, { scans });
}

/** Returns the rows a statement stepped through without an index, reported since Node.js 26.8. */
function scansOf({
  stat,
}: {
  stat?: (this: StatementSync, counter: string) => number;
}): Scans<StatementSync> | undefined {
  if (stat === undefined) return undefined;
  return new Scans((statement) => {
    try {
      return stat.call(statement, "fullscanStep");
    } catch {
      // The application closed the database while it was reading.
      return undefined;
    }
  });
}

function patchTagStore(prototype: object, probe: Probe): void {
  probe.sync(prototype, "run", templateOf, changedRows);
  probe.sync(prototype, "get", templateOf, "one");
  probe.sync(prototype, "all", templateOf, "length");
  probe.iterator(prototype, "iterate", templateOf);
}

/** Called when a connection is created. */
let opened = (): void => {};
const connections = new WeakMap<Db, SqliteConnection<Db>>();
/** The connection of each statement, which has no reference to it. */
const owners = new WeakMap<StatementSync, SqliteConnection<Db>>();

/** Returns the connection of an open database, or undefined if the method was called on another object. */
function connectionOf(db: Db | undefined): SqliteConnection<Db> | undefined {
  if (db?.isOpen !== true) return undefined;
  let connection = connections.get(db);
  if (connection === undefined) {
    if (isOwn(db)) return undefined;
    opened();
    connection = new SqliteConnection(db, optionsOf(db));
    connections.set(db, connection);
  }
  return connection;
}

function optionsOf(db: Db): ConnectionOptions<Db> {
  const options = {
    location: locationOf(db),
    query,
    isOverheard,
    isPlanned: (owner: Db) => !deterministic.has(owner),
    errorType: codeOf,
    ...(publishes() ? { watchEnd } : {}),
  };
  // Before version 24 Node.js does not report it; the state is then derived from the statements.
  return typeof db.isTransaction === "boolean"
    ? { ...options, inTransaction: ({ isTransaction }) => isTransaction! }
    : options;
}

/** Returns the location of a database: SQLite reports the path as it was resolved on opening. */
function locationOf(db: Db): Location | undefined {
  const path = db.location === undefined ? query(db, "PRAGMA database_list")[0]?.[2] : db.location();
  return typeof path === "string" && path !== "" ? locate(path) : undefined;
}

/** Databases with application-defined functions that SQLite runs to plan a query. */
const deterministic = new WeakSet<Db>();

const isDeterministic = (options: unknown): boolean =>
  typeof options === "object" && (options as { deterministic?: unknown } | null)?.deterministic === true;

/** Databases for which the application has, or had, an authorizer, which is called for each statement. */
const authorized = new WeakSet<Db>();

const guard = new Guard("node-sqlite");

/** Channel on which Node.js 26 publishes each statement, with the values bound to it. */
const statements = channel("sqlite.db.query");

const isOverheard = (db: Db): boolean => authorized.has(db) || statements.hasSubscribers;

/**
 * Observes the end of a statement. It is published when the statement ends, which for a commit is before the checkpoint
 * it may run. The message itself is not read.
 */
function watchEnd(): () => bigint | undefined {
  let end: bigint | undefined;
  const ended = guard.callback(() => {
    end = now();
  });
  statements.subscribe(ended);
  return () => {
    statements.unsubscribe(ended);
    return end;
  };
}

/** Tells whether statements are published: since Node.js 26.8, which added `stat` as well. */
const publishes = (): boolean => "stat" in process.getBuiltinModule("node:sqlite").StatementSync.prototype;

/** Returns the result code of an error; Node.js exposes the number of SQLite's code. */
function codeOf(error: unknown): string {
  try {
    const { errcode } = (error ?? {}) as { errcode?: unknown };
    if (typeof errcode === "number") return resultCodeName(errcode);
  } catch {
    // An error thrown by an application-defined function can throw when it is read.
  }
  return errorType(error);
}

/** Describes a call of `backup(database, path, options)`. */
function backupOf(_: unknown, args: readonly unknown[]): PendingCall | undefined {
  const { source } = (args[2] ?? {}) as { source?: unknown };
  const connection = isMain(source) ? connectionOf(args[0] as Db | undefined) : undefined;
  return connection && backingUp(connection.database, args, 1);
}

function scriptOf(db: Db, sql: unknown): Operation | undefined {
  return typeof sql === "string" ? connectionOf(db)?.script(sql) : undefined;
}

function prepared(statement: StatementSync, _: Operation, db: Db): number {
  owners.set(statement, connections.get(db)!);
  return 0;
}

const operationOf = perObject((statement: StatementSync) => {
  const sql = textOf(statement);
  return sql === undefined ? undefined : owners.get(statement)?.statement(sql);
});

/** Returns the text of a statement, which is unavailable once its database was closed. */
function textOf(statement: StatementSync): string | undefined {
  try {
    return statement.sourceSQL;
  } catch {
    return undefined;
  }
}

/** Joined texts of tagged templates, one per call site. */
const texts = new WeakMap<Template, string>();

function templateOf({ db }: Partial<TagStore> = {}, template?: unknown): Operation | undefined {
  if (!Array.isArray(template) || db === undefined) return undefined;
  let text = texts.get(template as Template);
  if (text === undefined) {
    text = (template as Template).join("?");
    texts.set(template as Template, text);
  }
  return connectionOf(db)?.statement(text);
}

type AnyMethod = AnyFunction & ((this: unknown, ...args: unknown[]) => unknown);

/** Runs a query with the prototype's own method: a subclass's would run application code. */
function query(db: Db, sql: string): unknown[][] {
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const statement = unobserved(DatabaseSync.prototype.prepare as AnyMethod).call(db, sql) as StatementSync;
  const rows = unobserved(statement.all as AnyMethod).call(statement) as Record<string, unknown>[];
  return rows.map((row) => Object.values(row));
}
