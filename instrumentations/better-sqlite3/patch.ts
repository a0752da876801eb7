import type BetterSqlite3 from "better-sqlite3";
import { now } from "../../src/runtime/clock.ts";
import type { Operation } from "../../src/instrument/operation.ts";
import { type Probe } from "../../src/instrument/probe.ts";
import { unobserved } from "../../src/instrument/wrap.ts";
import { SqliteConnection } from "../sqlite/connection.ts";
import { locate, type Location } from "../sqlite/location.ts";
import { isMain } from "../sqlite/schema.ts";
import { backingUp } from "../sqlite/snapshot.ts";

type Db = BetterSqlite3.Database;
type Statement = BetterSqlite3.Statement;
type DatabaseClass = new (...args: unknown[]) => Db;

/** The native module behind the package; one for each `nativeBinding` an application chooses. */
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
 * `lib/database.js` exports the class, or since version 13 a factory that each entry point of the package calls for a
 * class of its own. The classes stay as they are; their prototypes are patched, and that of the native statements once
 * per addon.
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
    probe.attempt(() => patchDatabase(Database.prototype, probe, connectionOf));
    return Database;
  } satisfies CreateDatabase;
}

const isDatabaseClass = (exports: unknown): exports is DatabaseClass =>
  typeof exports === "function" && typeof (exports as { prototype?: Partial<Db> }).prototype?.prepare === "function";

/** Before version 13 the class does not show where it has its addon from; it is seen when it is loaded, with the first database. */
export function patchAddon(exports: unknown): void {
  if (isAddon(exports)) watchOpening(exports);
}

const isAddon = (exports: unknown): exports is Addon => {
  const { Database, Statement, StatementIterator, Backup } = (exports ?? {}) as Record<string, unknown>;
  return [Database, Statement, StatementIterator, Backup].every((each) => typeof each === "function");
};

type Connect = (db: Db | undefined) => SqliteConnection<Db> | undefined;

function patchDatabase(prototype: Db, probe: Probe, connect: Connect): void {
  probe.method(prototype, "prepare", (db: Db) => connect(db)?.preparing, noRows);
  probe.method(
    prototype,
    "exec",
    (db: Db, sql) => (typeof sql === "string" ? connect(db)?.script(sql) : undefined),
    noRows,
  );
  probe.method(
    prototype,
    "serialize",
    (db: Db, options) => (isMain(attachedIn(options)) ? connect(db)?.serializing : undefined),
    noRows,
  );
  probe.promise(prototype, "backup", (db: Db, args) => {
    const connection = isMain(attachedIn(args[1])) ? connect(db) : undefined;
    return connection && backingUp(connection.database, args, 0);
  });
  probe.after(prototype, "close", (db: Db) => connections.get(db)?.closed(now()));
}

const attachedIn = (options: unknown): unknown => (options as { attached?: unknown } | null | undefined)?.attached;

/** The native classes of databases whose statements are patched. */
const met = new WeakSet<object>();

/** Patches the statements of a database: what they are shows once there is one, which is compiled and never run. */
function meet(db: Db | undefined, probe: Probe): void {
  const native = nativeOf(db);
  const kind = native && (Object.getPrototypeOf(native) as object);
  if (kind === undefined || met.has(kind)) return;
  const statement = compile(db!);
  if (statement === undefined) return;
  met.add(kind);
  patchStatement(Object.getPrototypeOf(statement) as object, probe);
}

/** @returns undefined if the database is closed */
function compile(db: Db): Statement | undefined {
  try {
    return unobserved(prepareOf(db)).call(db, "SELECT 1") as Statement;
  } catch {
    return undefined;
  }
}

/** A database has its native part under a symbol. */
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
  probe.method(prototype, "run", operationOf, ({ changes }: BetterSqlite3.RunResult) => changes);
  probe.method(prototype, "get", operationOf, (row: unknown) => (row === undefined ? 0 : 1));
  probe.method(prototype, "all", operationOf, (rows: unknown[]) => rows.length);
  probe.iterator(prototype, "iterate", operationOf);
}

const addons = new WeakSet<Addon>();
/** The native part of each database that was seen being opened, and whether the application has its statements logged. */
const natives = new WeakMap<object, boolean>();

function watchOpening(addon: Addon): void {
  if (addons.has(addon)) return;
  addons.add(addon);
  const { prototype } = addon.Database;
  prototype.function = new Proxy(prototype.function, { apply: defineFunction });
  addon.Database = new Proxy(addon.Database, { construct: openNative });
}

/** The log of an application, the option `verbose`, is the one function a native database is given. */
function openNative(Native: NativeClass, args: unknown[], target: NativeClass): object {
  const native = Reflect.construct(Native, args, target) as object;
  natives.set(
    native,
    args.some((argument) => typeof argument === "function"),
  );
  if (typeof args[0] === "string") locations.set(native, locate(args[0]));
  return native;
}

/** Where the files of databases are that were seen being opened: the working directory can be another one when they are used. */
const locations = new WeakMap<object, Location>();

/** A log of the application would hold statements of ours as well, and a database that was not seen being opened may have one. */
function isOverheard(db: Db): boolean {
  const native = nativeOf(db);
  return native === undefined || natives.get(native) !== false;
}

/** The native parts of databases for which the application has functions that SQLite runs to plan a query. */
const deterministic = new WeakSet<object>();
/** Where the native method is told whether a function is deterministic. */
const IS_DETERMINISTIC = 4;

/** Below the method of the application's: an error of that one shows which method it was. */
function defineFunction(define: NativeClass["prototype"]["function"], native: object, args: unknown[]): unknown {
  const result = Reflect.apply(define, native, args);
  if (args[IS_DETERMINISTIC] === true) deterministic.add(native);
  return result;
}

const isPlanned = (db: Db): boolean => !deterministic.has(nativeOf(db)!);

const noRows = (): number => 0;

const connections = new WeakMap<Db, SqliteConnection<Db>>();
const operations = new WeakMap<Statement, Operation>();

/** The connection of a database; none if the method was called on something else. */
function connectionOf(db: Db | undefined): SqliteConnection<Db> | undefined {
  if (typeof db?.name !== "string") return undefined;
  let connection = connections.get(db);
  if (connection === undefined) {
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

/** `Statement.prototype.raw` and `prepare` of the driver, not of a subclass the application may have made. */
function query(db: Db, sql: string): unknown[][] {
  const statement = unobserved(prepareOf(db)).call(db, sql) as Statement;
  return unobserved(statement.all as AnyMethod).call(statement.raw()) as unknown[][];
}

type AnyMethod = (this: unknown, ...args: unknown[]) => unknown;

/** The wrapped `prepare` that is nearest; a subclass's own would be the application's code. */
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

function operationOf(statement: Statement | undefined): Operation | undefined {
  const known = operations.get(statement as Statement);
  if (known !== undefined) return known;
  const operation = connectionOf(statement?.database)?.statement(statement!.source);
  if (operation !== undefined) operations.set(statement!, operation);
  return operation;
}
