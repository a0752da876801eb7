import { ATTR_STORAGE_SNAPSHOT_TYPE, KIND_STORAGE_SNAPSHOT } from "../../semconv/index.ts";
import { Activity } from "../../src/instrument/activity.ts";
import { followPromise } from "../../src/instrument/follow-promise.ts";
import { isOwn } from "../../src/instrument/own-databases.ts";
import { PendingOperation } from "../../src/instrument/pending-operation.ts";
import type { PendingCall, Probe } from "../../src/instrument/probe.ts";
import type { AnyFunction } from "../../src/instrument/wrap.ts";
import { RangeIteration } from "../lsm/iteration.ts";
import { LevelDatabase, type Level, type OperationName } from "./database.ts";
import { followAwaited } from "./follow.ts";

type Args = ArrayLike<unknown>;

const one = (result: unknown): number => (result === undefined ? 0 : 1);
const lengthOf = (result: unknown): number => (result as Args).length;

/** Methods that read, with the number of records of a result. */
const READS: readonly (readonly [name: OperationName, recordsOf: (result: unknown) => number])[] = [
  ["get", one],
  ["getMany", (result) => (result as readonly unknown[]).filter((each) => each !== undefined).length],
  ["has", (result) => (result === true ? 1 : 0)],
  ["hasMany", (result) => (result as readonly boolean[]).filter(Boolean).length],
];

/** Methods that write, with the number of records of a call. */
const WRITES: readonly (readonly [name: OperationName, recordsOf: (args: Args) => number])[] = [
  ["put", () => 1],
  ["del", () => 1],
  ["batch", (args) => lengthOf(args[0])],
  // How many it deletes is not told.
  ["clear", () => 0],
];

/**
 * Patches the class. The methods with an underscore are what the public ones of the database, of its sublevels and of its
 * chained batches come down to: each is called once for an operation, when the database is open.
 */
export function patch(exports: unknown, probe: Probe): void {
  const { prototype } = (exports as { ClassicLevel: { prototype: Level } }).ClassicLevel;
  const databases = new Databases(prototype);
  patchOpening(prototype, probe, databases);
  const has = (name: string): boolean => Object.hasOwn(prototype, name);
  for (const [name, recordsOf] of READS.filter(([method]) => has(`_${method}`)))
    followAwaited(probe, prototype, `_${name}`, (db: Level) => reading(databases.of(db), name, recordsOf));
  for (const [name, recordsOf] of WRITES)
    followAwaited(probe, prototype, `_${name}`, (db: Level, args) =>
      writing(databases.of(db), name, recordsOf(args), args[args.length - 1]),
    );
  // Of version 3.
  if (has("_getSync")) probe.sync(prototype, "_getSync", (db: Level) => databases.of(db)?.operation("getSync"), "one");
  patchMaintenance(prototype, probe, databases);
  patchResources(prototype, probe, databases);
}

const isOpen = (db: Level | undefined): boolean => db?.status === "open";

/** The databases of a copy of the package that are open, or being opened. */
class Databases {
  readonly #all = new WeakMap<Level, LevelDatabase>();
  readonly #getProperty: Level["getProperty"];

  constructor({ getProperty }: Level) {
    this.#getProperty = getProperty;
  }

  opening(db: Level): LevelDatabase {
    const database = new LevelDatabase(db, this.#getProperty);
    this.#all.set(db, database);
    return database;
  }

  /** Returns an open database, also one that was opened while nothing was observed. */
  of(db: Level): LevelDatabase | undefined {
    const known = this.#all.get(db);
    if (known !== undefined || typeof db?.location !== "string" || !isOpen(db) || isOwn(db)) return known;
    const database = this.opening(db);
    database.opened(false);
    return database;
  }

  closed(db: Level): void {
    this.#all.get(db)?.closed();
    this.#all.delete(db);
  }
}

function patchOpening(prototype: Level, probe: Probe, databases: Databases): void {
  probe.pending(prototype, "_open", (db: Level) => {
    if (isOwn(db)) return undefined;
    probe.used();
    const database = databases.opening(db);
    const run = new PendingOperation(database.operation("open"));
    return {
      succeeded() {
        run.succeeded();
        database.opened(true);
      },
      failed(error) {
        run.failed(error);
        databases.closed(db);
      },
    };
  });
  // Also while nothing is observed: what was begun has to end.
  probe.wrap(prototype, "_close", (original) => {
    return function observed(this: Level): unknown {
      const closing = Reflect.apply(original, this, arguments) as Promise<unknown>;
      return followPromise(closing, { succeeded: () => probe.attempt(() => databases.closed(this)), failed() {} });
    } as AnyFunction;
  });
}

function reading(
  database: LevelDatabase | undefined,
  name: OperationName,
  recordsOf: (result: unknown) => number,
): PendingCall | undefined {
  if (database === undefined) return undefined;
  const run = new PendingOperation(database.operation(name));
  return { succeeded: (result) => run.succeeded(recordsOf(result)), failed: (error) => run.failed(error) };
}

// oxlint-disable-next-line max-params -- an object for each write would have to be collected
function writing(
  database: LevelDatabase | undefined,
  name: OperationName,
  records: number,
  options: unknown,
): PendingCall | undefined {
  if (database === undefined) return undefined;
  const isSync = (options as { sync?: unknown } | undefined)?.sync === true;
  const run = new PendingOperation(database.operation(name, isSync ? `${name} sync` : name));
  const written = database.writing();
  return {
    succeeded() {
      written();
      run.succeeded(records);
      database.wrote();
    },
    failed(error) {
      written();
      run.failed(error);
    },
  };
}

/** While a database is being opened, these methods call themselves again later. */
function patchMaintenance(prototype: Level, probe: Probe, databases: Databases): void {
  probe.pending(prototype, "compactRange", (db: Level) => {
    const database = isOpen(db) ? databases.of(db) : undefined;
    if (database === undefined) return undefined;
    const run = new PendingOperation(database.operation("compactRange"));
    const done = database.compacting();
    return {
      succeeded() {
        done();
        run.succeeded();
      },
      failed(error) {
        done();
        run.failed(error);
      },
    };
  });
  probe.pending(prototype, "approximateSize", (db: Level) =>
    isOpen(db) ? reading(databases.of(db), "approximateSize", () => 0) : undefined,
  );
}

/** What a database makes, whose classes only these objects reveal. */
function patchResources(prototype: Level, probe: Probe, databases: Databases): void {
  const iterations = new WeakMap<object, RangeIteration>();
  probe.after(prototype, "_iterator", (db: Level, iterator: object, args) => {
    const operation = databases.of(db)?.operation(nameOf(args));
    if (operation === undefined || !probe.guard.enabled) return;
    patchIterator(Object.getPrototypeOf(iterator) as object, probe, iterations);
    iterations.set(iterator, new RangeIteration(operation));
  });
  if (Object.hasOwn(prototype, "_snapshot")) patchSnapshots(prototype, probe, databases);
  probe.after(prototype, "_chainedBatch", (_: Level, batch: object) =>
    followAwaited(probe, Object.getPrototypeOf(batch) as object, "_write", ({ db, length }: ChainedBatch, args) =>
      writing(databases.of(db), "batch", length, args[0]),
    ),
  );
}

/** Of version 3. */
function patchSnapshots(prototype: Level, probe: Probe, databases: Databases): void {
  const snapshots = new WeakMap<object, Activity>();
  probe.after(prototype, "_snapshot", (db: Level, snapshot: object) => {
    const database = databases.of(db);
    if (database === undefined || !probe.guard.enabled) return;
    const options = { attributes: { [ATTR_STORAGE_SNAPSHOT_TYPE]: "read_view" }, holdsSnapshot: true };
    snapshots.set(snapshot, new Activity(database.database, KIND_STORAGE_SNAPSHOT, options));
    probe.after(Object.getPrototypeOf(snapshot) as object, "_close", (self: object) => snapshots.get(self)?.finish());
  });
}

interface ChainedBatch {
  readonly db: Level;
  readonly length: number;
}

/** Returns the method by which an iterator was made. */
function nameOf([options]: Iterable<unknown>): OperationName {
  const { keys, values } = options as { readonly keys?: boolean; readonly values?: boolean };
  if (values === false) return "keys";
  return keys === false ? "values" : "iterator";
}

/** Iterator of the package, with the number of records that it has read ahead. */
interface Iterating {
  readonly cached: number;
}

function patchIterator(prototype: object, probe: Probe, iterations: WeakMap<object, RangeIteration>): void {
  followAwaited(probe, prototype, "_next", (iterator: Iterating) => {
    const iteration = iterations.get(iterator);
    if (iterator.cached === 0) return iteration?.reads(one);
    iteration?.returned(1);
    return undefined;
  });
  followAwaited(probe, prototype, "_nextv", (iterator: Iterating, args) => {
    const iteration = iterations.get(iterator);
    if (iterator.cached === 0) return iteration?.reads(lengthOf);
    iteration?.returned(Math.min(args[0] as number, iterator.cached));
    return undefined;
  });
  probe.after(prototype, "_close", (iterator: object) => iterations.get(iterator)?.finish());
}
