import type BetterSqlite3 from "better-sqlite3";
import { now } from "../../src/clock.ts";
import type { Operation } from "../../src/operation.ts";
import { unobserved, type Probe } from "../../src/probe.ts";
import { SqliteConnection } from "../sqlite/connection.ts";
import { isMain } from "../sqlite/schema.ts";
import { backingUp } from "../sqlite/snapshot.ts";

type Db = BetterSqlite3.Database;
type Statement = BetterSqlite3.Statement;
type DatabaseClass = new (...args: unknown[]) => Db;

/** The native module behind the package; one for each `nativeBinding` an application chooses. */
interface Addon {
  Database: abstract new (...args: never[]) => object;
  readonly Statement: { readonly prototype: object };
}
type CreateDatabase = (getAddon: (binding: unknown) => Addon, ...rest: unknown[]) => DatabaseClass;

/**
 * `lib/database.js` exports a factory that each entry point of the package calls for a class of its own. The
 * classes stay as they are; their prototypes are patched, and that of the native statements once per addon.
 */
export function patch(exports: unknown, probe: Probe): unknown {
  if (isDatabaseClass(exports)) {
    // First, or the statement it makes would count as one of the application's.
    const statement = statementPrototype(exports);
    patchDatabase(exports.prototype, probe);
    patchStatement(statement, probe);
    return exports;
  }
  return function createDatabase(getAddon, ...rest) {
    const Database = (exports as CreateDatabase)(
      (binding) => {
        const addon = getAddon(binding);
        probe.attempt(() => patchAddon(addon, probe));
        return addon;
      },
      ...rest,
    );
    probe.attempt(() => patchDatabase(Database.prototype, probe));
    return Database;
  } satisfies CreateDatabase;
}

const isDatabaseClass = (exports: unknown): exports is DatabaseClass =>
  typeof exports === "function" && typeof (exports as { prototype?: Partial<Db> }).prototype?.prepare === "function";

/** A class that was bundled with the application shows its statements only once there is one. */
function statementPrototype(Database: DatabaseClass): object {
  const db = new Database(":memory:");
  const prototype = Object.getPrototypeOf(db.prepare("SELECT 1")) as object;
  db.close();
  return prototype;
}

function patchDatabase(prototype: Db, probe: Probe): void {
  probe.method(prototype, "prepare", (db: Db) => connectionOf(db)?.preparing, noRows);
  probe.method(
    prototype,
    "exec",
    (db: Db, sql) => (typeof sql === "string" ? connectionOf(db)?.script(sql) : undefined),
    noRows,
  );
  probe.method(
    prototype,
    "serialize",
    (db: Db, options) => (isMain(attachedIn(options)) ? connectionOf(db)?.serializing : undefined),
    noRows,
  );
  probe.promise(prototype, "backup", (db: Db, args) => {
    const connection = isMain(attachedIn(args[1])) ? connectionOf(db) : undefined;
    return connection && backingUp(connection.database, args, 0);
  });
  probe.after(prototype, "close", (db: Db) => connections.get(db)?.closed(now()));
}

const attachedIn = (options: unknown): unknown => (options as { attached?: unknown } | null | undefined)?.attached;

// `pragma()` and `transaction()` run statements of their own through these methods.
function patchStatement(prototype: object, probe: Probe): void {
  probe.method(prototype, "run", operationOf, ({ changes }: BetterSqlite3.RunResult) => changes);
  probe.method(prototype, "get", operationOf, (row: unknown) => (row === undefined ? 0 : 1));
  probe.method(prototype, "all", operationOf, (rows: unknown[]) => rows.length);
  probe.iterator(prototype, "iterate", operationOf);
}

/** Statements are one class for all databases of an addon. */
function patchAddon(addon: Addon, probe: Probe): void {
  if (addons.has(addon)) return;
  addons.add(addon);
  patchStatement(addon.Statement.prototype, probe);
  addon.Database = new Proxy(addon.Database, { construct: openNative });
}

const addons = new WeakSet<Addon>();
/** The native part of databases whose statements are logged by the application: a log would hold ours as well. */
const logged = new WeakSet<object>();

/** The log of an application, the option `verbose`, is the one function a native database is given. */
function openNative(Native: Addon["Database"], args: unknown[], target: Addon["Database"]): object {
  const native = Reflect.construct(Native, args, target) as object;
  if (args.some((argument) => typeof argument === "function")) logged.add(native);
  return native;
}

/** A database has its native part under a symbol. */
const isOverheard = (db: Db): boolean =>
  Object.getOwnPropertySymbols(db).some((symbol) => logged.has((db as unknown as Record<symbol, object>)[symbol]!));

const noRows = (): number => 0;

const connections = new WeakMap<Db, SqliteConnection<Db>>();
const operations = new WeakMap<Statement, Operation>();

/** The connection of a database; none if the method was called on something else. */
function connectionOf(db: Db | undefined): SqliteConnection<Db> | undefined {
  if (typeof db?.name !== "string") return undefined;
  let connection = connections.get(db);
  if (connection === undefined) {
    connection = new SqliteConnection(db, {
      path: db.memory ? undefined : db.name,
      inTransaction: ({ inTransaction }) => inTransaction,
      isOverheard,
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
