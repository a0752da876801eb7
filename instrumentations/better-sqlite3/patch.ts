import type BetterSqlite3 from "better-sqlite3";
import { now } from "../../src/runtime/clock.ts";
import { callOriginal } from "../../src/instrument/call-original.ts";
import { isOwn, noteLoaded } from "../../src/instrument/own-databases.ts";
import { perObject, type Probe } from "../../src/instrument/probe.ts";
import { unobserved } from "../../src/instrument/wrap.ts";
import { SqliteConnection } from "../sqlite/connection.ts";
import { locate, type Location } from "../files/location.ts";
import { isMain } from "../sqlite/schema.ts";
import { backingUp } from "../sqlite/snapshot.ts";

type Db = BetterSqlite3.Database;
type Statement = BetterSqlite3.Statement;
type DatabaseClass = new (...args: unknown[]) => Db;

/** Native module behind the package. There is one for each `nativeBinding` the application chooses. */
interface Addon {
  Database: NativeClass;
  readonly Statement: { readonly prototype: object };
}
interface NativeClass {
  new (...args: never[]): object;
  readonly prototype: { function: (...args: unknown[]) => unknown };
}
type CreateDatabase = (getAddon: (binding: unknown) => Addon, ...rest: unknown[]) => DatabaseClass;

/**
 * Patches the package. `lib/database.js` exports the class or, since version 13, a factory that each entry point of the
 * package calls for its own class. The classes are kept; their prototypes are patched, and the prototype of the native
 * statements once per addon.
 */
export function patch(exports: unknown, probe: Probe): unknown {
  if (isDatabaseClass(exports)) {
    const { prototype } = exports;
    const connect: Connect = (db) => {
      if (!connections.has(db!)) meet(db, probe);
      return connectionOf(db);
    };
    for (const name of ["pragma", "transaction"]) probe.before(prototype, name, connect);
    patchDatabase(prototype, probe, connect);
    return exports;
  }
  return function createDatabase(getAddon, ...rest) {
    const Database = (exports as CreateDatabase)(
      (binding) => {
        const addon = getAddon(binding);
        probe.attempt(() => {
          watchOpening(addon);
          patchStatement(addon.Statement.prototype, probe);
        });
        return addon;
      },
      ...rest,
    );
    probe.attempt(() => {
      patchDatabase(Database.prototype, probe, connectionOf);
      noteLoaded("better-sqlite3", Database);
    });
    return Database;
  } satisfies CreateDatabase;
}

const isDatabaseClass = (exports: unknown): exports is DatabaseClass =>
  typeof exports === "function" && typeof (exports as { prototype?: Partial<Db> }).prototype?.prepare === "function";

/**
 * Patches the native addon when it is loaded, which is when the first database is opened. Before version 13 the class
 * does not reveal its addon.
 */
export function patchAddon(exports: unknown): void {
  if (isAddon(exports)) watchOpening(exports);
}

const isAddon = (exports: unknown): exports is Addon => {
  const { Database, Statement, StatementIterator, Backup } = (exports ?? {}) as Record<string, unknown>;
  return [Database, Statement, StatementIterator, Backup].every((each) => typeof each === "function");
};

type Connect = (db: Db | undefined) => SqliteConnection<Db> | undefined;

function patchDatabase(prototype: Db, probe: Probe, connect: Connect): void {
  probe.sync(prototype, "prepare", (db: Db) => connect(db)?.preparing, "none");
  probe.sync(
    prototype,
    "exec",
    (db: Db, sql) => (typeof sql === "string" ? connect(db)?.script(sql) : undefined),
    "none",
  );
  probe.sync(
    prototype,
    "serialize",
    (db: Db, options) => (isMain(attachedIn(options)) ? connect(db)?.serializing : undefined),
    "none",
  );
  probe.pending(prototype, "backup", (db: Db, args) => {
    const connection = isMain(attachedIn(args[1])) ? connect(db) : undefined;
    return connection && backingUp(connection.database, args, 0);
  });
  probe.after(prototype, "close", (db: Db) => connections.get(db)?.closed(now()));
}

const attachedIn = (options: unknown): unknown => (options as { attached?: unknown } | null | undefined)?.attached;

/** Native classes of databases whose statements are patched. */
const met = new WeakSet<object>();

/** Patches the statement class of a database. Only a statement reveals its class, so one is compiled and never run. */
function meet(db: Db | undefined, probe: Probe): void {
  const native = nativeOf(db);
  const kind = native && (Object.getPrototypeOf(native) as object);
  if (kind === undefined || met.has(kind)) return;
  const statement = compile(db!);
  if (statement === undefined) return;
  met.add(kind);
  patchStatement(Object.getPrototypeOf(statement) as object, probe);
}

/**
 * Compiles a statement.
 * @returns undefined if the database is closed
 */
function compile(db: Db): Statement | undefined {
  try {
    return unobserved(prepareOf(db)).call(db, "SELECT 1") as Statement;
  } catch {
    return undefined;
  }
}

/** Returns the native part of a database, which is kept under a symbol. */
function nativeOf(db: Db | undefined): object | undefined {
  if (typeof db !== "object" || db === null) return undefined;
  for (const symbol of Object.getOwnPropertySymbols(db)) {
    const native = (db as unknown as Record<symbol, Partial<Db> | undefined>)[symbol];
    if (typeof native?.prepare === "function") return native;
  }
  return undefined;
}

// `pragma()` and `transaction()` run statements of their own through these methods.
function patchStatement(prototype: object, probe: Probe): void {
  probe.sync(prototype, "run", operationOf, "changes");
  probe.sync(prototype, "get", operationOf, "one");
  probe.sync(prototype, "all", operationOf, "length");
  probe.iterator(prototype, "iterate", operationOf);
}

const addons = new WeakSet<Addon>();
/**
 * The native part of each database that was observed while it was opened; true if the application logs its statements.
 */
const natives = new WeakMap<object, boolean>();

function watchOpening(addon: Addon): void {
  if (addons.has(addon)) return;
  addons.add(addon);
  const { prototype } = addon.Database;
  prototype.function = new Proxy(prototype.function, { apply: defineFunction });
  addon.Database = new Proxy(addon.Database, { construct: openNative });
}

/** Opens a native database. The log of the application (the `verbose` option) is the only function passed to it. */
function openNative(Native: NativeClass, args: unknown[], target: NativeClass): object {
  const native = callOriginal(Reflect.construct, Reflect, [Native, args, target], openNative) as object;
  natives.set(
    native,
    args.some((argument) => typeof argument === "function"),
  );
  if (typeof args[0] === "string") locations.set(native, locate(args[0]));
  return native;
}

/** Locations of the database files, recorded when the database was opened: the working directory may differ later. */
const locations = new WeakMap<object, Location>();

/**
 * Tells whether our own statements would appear in the application's log. A database that was not observed while it was
 * opened may have such a log.
 */
function isOverheard(db: Db): boolean {
  const native = nativeOf(db);
  return native === undefined || natives.get(native) !== false;
}

/** Native parts of databases with application-defined functions that SQLite runs to plan a query. */
const deterministic = new WeakSet<object>();
/** Index of the native method's argument that marks a function as deterministic. */
const IS_DETERMINISTIC = 4;

/** Wraps the native method instead of the public one: an error of the public method shows which method was called. */
function defineFunction(define: NativeClass["prototype"]["function"], native: object, args: unknown[]): unknown {
  const result = callOriginal(define, native, args, defineFunction);
  if (args[IS_DETERMINISTIC] === true) deterministic.add(native);
  return result;
}

const isPlanned = (db: Db): boolean => !deterministic.has(nativeOf(db)!);

const connections = new WeakMap<Db, SqliteConnection<Db>>();

/** Returns the connection of a database, or undefined if the method was called on another object. */
function connectionOf(db: Db | undefined): SqliteConnection<Db> | undefined {
  if (typeof db?.name !== "string") return undefined;
  let connection = connections.get(db);
  if (connection === undefined) {
    if (isOwn(db)) return undefined;
    connection = new SqliteConnection(db, {
      location: db.memory ? undefined : (locations.get(nativeOf(db)!) ?? locate(db.name)),
      isReadOnly: db.readonly,
      inTransaction: ({ inTransaction }) => inTransaction,
      isOverheard,
      isPlanned,
      query,
    });
    connections.set(db, connection);
  }
  return connection;
}

/**
 * Runs a query with `prepare` and `Statement.prototype.raw` of the driver, not of a subclass defined by the
 * application.
 */
function query(db: Db, sql: string): unknown[][] {
  const statement = unobserved(prepareOf(db)).call(db, sql) as Statement;
  return unobserved(statement.all as AnyMethod).call(statement.raw()) as unknown[][];
}

type AnyMethod = (this: unknown, ...args: unknown[]) => unknown;

/** Returns the nearest wrapped `prepare` in the prototype chain; a subclass's own would run application code. */
function prepareOf(db: Db): AnyMethod {
  for (
    let prototype = Object.getPrototypeOf(db) as Db | null;
    prototype !== null;
    prototype = Object.getPrototypeOf(prototype) as Db | null
  ) {
    const own = Object.getOwnPropertyDescriptor(prototype, "prepare")?.value as AnyMethod | undefined;
    if (own !== undefined && unobserved(own) !== own) return own;
  }
  throw new TypeError("the database has no method prepare that is observed");
}

const operationOf = perObject((statement: Statement) => connectionOf(statement?.database)?.statement(statement.source));
