import {
  ATTR_ERROR_TYPE,
  ATTR_STORAGE_CONFLICT_REASON,
  ATTR_STORAGE_TRANSACTION_MODE,
  ATTR_STORAGE_TRANSACTION_OUTCOME,
  METRIC_STORAGE_TRANSACTION_COMMIT_DURATION,
  METRIC_STORAGE_TRANSACTION_CONFLICTS,
  METRIC_STORAGE_TRANSACTION_DURATION,
} from "../../semconv/index.ts";
import { isOwn } from "../../src/instrument/own-databases.ts";
import { Polled } from "../../src/instrument/collectors.ts";
import { watchViews } from "../../src/instrument/open-views.ts";
import { countUntimed, Operation } from "../../src/instrument/operation.ts";
import { SharedData } from "../../src/instrument/thread-claims.ts";
import type { HistogramSeries } from "../../src/metrics/histogram.ts";
import { metricRegistry } from "../../src/metrics/registry.ts";
import { databaseIdentity, Instance } from "../../src/recording/instance.ts";
import { Boundary, type OperationKind } from "../../src/recording/operation-kind.ts";
import { Guard } from "../../src/runtime/guard.ts";
import { locate } from "../files/location.ts";
import { namespaceOf } from "../files/namespace.ts";
import { errorTypeOf } from "./errors.ts";
import { EngineCounters } from "./engine-counters.ts";
import { collectorsOf } from "./gauges.ts";
import type { NativeEnv, Store } from "./store.ts";

const durations = metricRegistry.instrument(METRIC_STORAGE_TRANSACTION_DURATION);
const commits = metricRegistry.instrument(METRIC_STORAGE_TRANSACTION_COMMIT_DURATION);
const conflicts = metricRegistry.instrument(METRIC_STORAGE_TRANSACTION_CONFLICTS);

const guard = new Guard("lmdb environments");

/**
 * Open environments by their native part, which ends them when it is collected without having been closed. The engine
 * keeps the native parts and the stores of closed environments: nothing here is to stay with them.
 */
const environments = new WeakMap<NativeEnv, Environment>();
const abandoned = new FinalizationRegistry<Environment>(guard.callback((environment) => environment.closed()));

/** Returns the environment of a store; undefined while a store is opened, and for one that is closed. */
export function environmentOf(store: Store | undefined): Environment | undefined {
  const native = store?.env;
  if (native === undefined || !native.address) return undefined;
  const known = environments.get(native);
  if (known !== undefined) return known;
  if (isOwn(native)) return undefined;
  const environment = new Environment(native, store!);
  environments.set(native, environment);
  abandoned.register(native, environment, environment);
  return environment;
}

/** Returns the environment of a store if calls of it were seen. */
export const knownEnvironmentOf = ({ env }: Store): Environment | undefined => env && environments.get(env);

/** Database of an environment: what the calls of its stores are recorded as. */
export class Collection {
  /** Undefined once it is closed. */
  environment: Environment | undefined;
  /** Operations by the number of their method. */
  readonly operations: (Operation | undefined)[] = [];
  readonly #name: string | undefined;

  constructor(environment: Environment, name: string | undefined) {
    this.environment = environment;
    this.#name = name;
  }

  add(index: number, kind: OperationKind, name: string): Operation {
    const collection = this.#name;
    const summary = collection === undefined ? name : `${name} ${collection}`;
    const info = { kind, boundary: Boundary.NONE, statements: 1, name, collection, summary };
    return (this.operations[index] = new Operation(this.environment!.instance, info));
  }

  closed(): void {
    this.environment = undefined;
    this.operations.length = 0;
  }
}

const collections = new WeakMap<Store, Collection>();

/** Returns the database that a store is; undefined while it is opened, and if it is closed. */
export function collectionOf(store: Store): Collection | undefined {
  const known = collections.get(store);
  if (known !== undefined) return known.environment && known;
  const collection = environmentOf(store)?.collection(store);
  if (collection !== undefined) collections.set(store, collection);
  return collection;
}

let methods = 0;

/** Method of stores that is an operation. */
export class Method {
  readonly #index = methods++;
  readonly #kind: OperationKind;
  readonly #name: string;

  constructor(kind: OperationKind, name: string) {
    this.#kind = kind;
    this.#name = name;
  }

  /** Returns the operation that a call is; undefined while the store is opened, and if it is closed. */
  of(store: Store): Operation | undefined {
    const collection = collectionOf(store);
    return collection && this.in(collection);
  }

  /** Returns the operation that a call in an open database is. */
  in(collection: Collection): Operation {
    return collection.operations[this.#index] ?? collection.add(this.#index, this.#kind, this.#name);
  }
}

/** Open environment: one database with its named ones, in the eyes of OpenTelemetry. */
export class Environment {
  readonly instance: Instance;
  isClosed = false;
  /** Durations of the commits of explicit transactions. */
  readonly commits: HistogramSeries;
  readonly #counters: EngineCounters;
  readonly #polled: readonly Polled[];
  readonly #claim: SharedData;
  readonly #native: WeakRef<NativeEnv>;
  readonly #collections = new Map<string | undefined, Collection>();
  readonly #classes: WeakRef<object>[] = [];
  readonly #link: { environment: Environment | undefined } = { environment: this };
  #root: WeakRef<Store> | undefined;
  #isClosing = false;
  /** Number of the last commit of queued writes, and of the one that was recorded last. */
  #commit = 0;
  #recorded = 0;
  #written: HistogramSeries | undefined;

  constructor(native: NativeEnv, store: Store) {
    const { path } = locate(native.path);
    this.#native = new WeakRef(native);
    // The name of one that ends with its use is generated.
    const namespace = store.deleteOnClose === true ? "temporary" : namespaceOf(path);
    this.instance = new Instance(databaseIdentity("lmdb", namespace), errorTypeOf, "kv");
    this.commits = commits.bind(this.instance.attributes);
    this.instance.whenClosed(watchViews(this.instance, false));
    this.#claim = SharedData.join(`lmdb:${path}`, this.instance);
    this.#counters = new EngineCounters(this.instance, path);
    this.#polled = collectorsOf(this, path).map((collector) => new Polled(this.instance, collector, this.#claim));
    this.collection(store);
    // That of a store that is read only would be any emitter's.
    if (store.put !== undefined) listen(store, this.#link);
  }

  /** The native part; undefined if it cannot be asked, as it is closed or about to be. */
  get native(): NativeEnv | undefined {
    return this.isClosed || this.#isClosing ? undefined : this.#usable();
  }

  /** Returns the native part, unless the engine has closed it: it does so itself when the process ends. */
  #usable(): NativeEnv | undefined {
    const native = this.#native.deref();
    if (!native?.address) return undefined;
    try {
      native.info();
      return native;
    } catch {
      return undefined;
    }
  }

  /** The root database, if the application uses it. */
  get root(): Store | undefined {
    return this.#root?.deref();
  }

  /** Names of the named databases in use, as many as are counted. */
  get names(): string[] {
    const names = [...this.#collections.keys()].filter((name) => name !== undefined);
    return names.slice(0, MAX_NAMES);
  }

  /** Notes a store, and returns the database that it is. */
  collection(store: Store): Collection {
    const name = nameOf(store);
    if (name === undefined) this.#root = new WeakRef(store);
    const known = this.#collections.get(name);
    if (known !== undefined) return known;
    const collection = new Collection(this, name);
    this.#collections.set(name, collection);
    return collection;
  }

  /** Notes the class of a store, other than that of the root. */
  noteClass(prototype: object): void {
    if (this.#classes.length < MAX_NAMES) this.#classes.push(new WeakRef(prototype));
  }

  classes(): object[] {
    return this.#classes.map((each) => each.deref()).filter((each) => each !== undefined);
  }

  /** Counts what the engine has written. */
  count(): void {
    const native = this.#usable();
    if (native !== undefined) this.#counters.count(native);
  }

  /**
   * Records the transaction that a write outside of an explicit one was part of. Those that end by the same commit are
   * one.
   */
  wrote(nanoseconds: number, failure: string | undefined): void {
    if (this.#recorded === this.#commit) return;
    this.#recorded = this.#commit;
    this.wroteAlone(nanoseconds, failure);
  }

  /** Records the transaction of one write. */
  wroteAlone(nanoseconds: number, failure: string | undefined): void {
    const duration =
      failure === undefined ? (this.#written ??= this.#autocommit(undefined)) : this.#autocommit(failure);
    duration.record(nanoseconds);
  }

  #autocommit(failure: string | undefined): HistogramSeries {
    return durations.bind({
      ...this.instance.attributes,
      [ATTR_STORAGE_TRANSACTION_MODE]: "autocommit",
      [ATTR_STORAGE_TRANSACTION_OUTCOME]: failure === undefined ? "commit" : "error",
      [ATTR_ERROR_TYPE]: failure,
    });
  }

  /** Counts a write that was not made, as its condition was not met. */
  conflicted(): void {
    conflicts.bind({ ...this.instance.attributes, [ATTR_STORAGE_CONFLICT_REASON]: "serialization" }).add(1);
  }

  /** Notes a commit of queued writes. */
  committed(): void {
    this.#commit++;
    if (this.#isClosing) this.count();
  }

  /** Notes that the application closes it, for which the engine waits for its writes. */
  closing(): void {
    this.count();
    this.#isClosing = true;
  }

  closed(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    abandoned.unregister(this);
    const native = this.#native.deref();
    if (native !== undefined) environments.delete(native);
    for (const each of this.#collections.values()) each.closed();
    this.#link.environment = undefined;
    for (const each of this.instance.open) guard.attempt(() => each.deref()?.abandon());
    for (const polled of this.#polled) polled.close();
    this.#counters.close();
    this.#claim.leave(this.instance);
    countUntimed();
    this.instance.closed();
  }
}

/** Listens to the commits of a store, which keeps its listeners for good. */
function listen(store: Store, link: { readonly environment: Environment | undefined }): void {
  store.on(
    "aftercommit",
    guard.callback(() => link.environment?.committed()),
  );
}

/** Maximum number of named databases whose records are counted, and of classes that are released. */
const MAX_NAMES = 200;

/** Returns the name of a named database. */
const nameOf = ({ name }: Store): string | undefined => (typeof name === "string" ? name : undefined);
