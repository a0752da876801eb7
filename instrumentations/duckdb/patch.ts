import { callOriginal } from "../../src/instrument/call-original.ts";
import { PendingOperation } from "../../src/instrument/pending-operation.ts";
import type { PendingCall, Probe } from "../../src/instrument/probe.ts";
import type { AnyFunction } from "../../src/instrument/wrap.ts";
import { Guard } from "../../src/runtime/guard.ts";
import { patchAppender } from "./appender.ts";
import { DuckConnection } from "./connection.ts";
import { DuckDatabase } from "./database.ts";
import type { Package } from "./package-types.ts";
import { patchStatements } from "./statements.ts";

const guard = new Guard("duckdb instances");

/** What keeps a database open: an instance or a connection that the application has not closed. */
interface Use {
  readonly database: DuckDatabase;
  readonly connection?: DuckConnection;
}

/** Ends the use by an object that was garbage-collected. */
const abandoned = new FinalizationRegistry<Use>(guard.callback((use) => ended(use)));

function ended({ database, connection }: Use): void {
  connection?.closed();
  database.release();
}

/** Instances and connections of a copy of the package. */
class Objects {
  readonly instances = new WeakMap<object, Use>();
  readonly connections = new WeakMap<object, Use>();

  /** Notes an object that uses a database, which it has been retained for. */
  use(objects: WeakMap<object, Use>, object: object, use: Use): void {
    objects.set(object, use);
    abandoned.register(object, use, use);
  }

  /** Ends the use by an object that is closed, by the call that does it. */
  close(objects: WeakMap<object, Use>, object: object, close: () => unknown): unknown {
    const use = objects.get(object);
    if (use === undefined) return close();
    objects.delete(object);
    abandoned.unregister(use);
    guard.attempt(() => use.connection?.closed());
    return use.database.releaseBy(close);
  }
}

export function patch(exports: unknown, probe: Probe): void {
  const duckdb = exports as Package;
  const objects = new Objects();
  patchOpening(duckdb, probe, objects);
  patchConnecting(duckdb, probe, objects);
  const connectionOf = (connection: object): DuckConnection | undefined =>
    objects.connections.get(connection)?.connection;
  patchStatements(duckdb, probe, connectionOf);
  patchAppender(duckdb, probe, connectionOf);
}

type Begin = (self: object, args: readonly unknown[]) => PendingCall | undefined;

/** Follows the promise of a method, also while nothing is observed: what was opened has to be known. */
function follow(probe: Probe, target: object, name: string, begin: Begin): void {
  probe.wrap(
    target,
    name,
    (original) =>
      function observed(this: object, ...args: unknown[]): unknown {
        const call = (): unknown => callOriginal(original, this, args, observed);
        const following = guard.attempt(() => begin(this, args));
        return following === undefined ? call() : probe.settle(call, following);
      } as AnyFunction,
  );
}

/** Wraps a method that closes an object, also while nothing is observed: what was begun has to end. */
function followClose(probe: Probe, target: object, name: string, closeBy: Close): void {
  probe.wrap(
    target,
    name,
    (original) =>
      function observed(this: object): unknown {
        return closeBy(this, () => callOriginal(original, this, arguments, observed));
      } as AnyFunction,
  );
}

type Close = (self: object, close: () => unknown) => unknown;

function patchOpening({ DuckDBInstance, DuckDBInstanceCache, version }: Package, probe: Probe, objects: Objects): void {
  const create = (path: unknown, options: unknown): DuckDatabase =>
    new DuckDatabase({
      path: typeof path === "string" ? path : "",
      isReadOnly: isReadOnly(options),
      version: guard.attempt(() => version()),
    });
  const opening = (database: DuckDatabase, isNew: boolean): PendingCall => {
    const run = isNew && probe.guard.enabled ? new PendingOperation(database.call("OPEN")) : undefined;
    database.retain();
    return {
      succeeded(instance) {
        run?.succeeded();
        database.opened();
        objects.use(objects.instances, instance as object, { database });
      },
      failed(error) {
        run?.failed(error);
        database.release();
      },
    };
  };
  follow(probe, DuckDBInstance, "create", (_, [path, options]) => {
    probe.used();
    return opening(create(path, options), true);
  });
  const cached = new WeakMap<object, Map<unknown, DuckDatabase>>();
  follow(probe, DuckDBInstanceCache.prototype, "getOrCreateInstance", (cache, [path, options]) => {
    probe.used();
    const databases = cached.get(cache) ?? new Map<unknown, DuckDatabase>();
    cached.set(cache, databases);
    const open = databases.get(path);
    if (open?.isClosed === false) return opening(open, false);
    const database = create(path, options);
    for (const [each, { isClosed }] of databases) if (isClosed) databases.delete(each);
    // DuckDB opens another one for each call without a name.
    if (path !== undefined && path !== "" && path !== ":memory:") databases.set(path, database);
    return opening(database, true);
  });
}

const isReadOnly = (options: unknown): boolean =>
  typeof options === "object" &&
  options !== null &&
  String((options as { access_mode?: unknown }).access_mode).toUpperCase() === "READ_ONLY";

function patchConnecting({ DuckDBInstance, DuckDBConnection }: Package, probe: Probe, objects: Objects): void {
  const { instances, connections } = objects;
  follow(probe, DuckDBInstance.prototype, "connect", (instance) => {
    const database = instances.get(instance)?.database;
    if (database === undefined) return undefined;
    database.retain();
    return {
      succeeded: (connection) =>
        objects.use(connections, connection as object, { database, connection: new DuckConnection(database) }),
      failed: () => database.release(),
    };
  });
  followClose(probe, DuckDBInstance.prototype, "closeSync", (self, close) => objects.close(instances, self, close));
  followClose(probe, DuckDBConnection.prototype, "disconnectSync", (self, close) =>
    objects.close(connections, self, close),
  );
}
