import { join } from "node:path";
import { ATTR_DB_NAMESPACE, ATTR_DB_SYSTEM_NAME, ATTR_STORAGE_CACHE_NAME } from "../../semconv/index.ts";
import { Polled } from "../../src/instrument/collectors.ts";
import {
  watchDatabase,
  type BackgroundWork,
  type FailureKind,
  type OpenDatabase,
} from "../../src/instrument/open-instances.ts";
import { watchViews } from "../../src/instrument/open-views.ts";
import { countUntimed, Operation } from "../../src/instrument/operation.ts";
import { SharedData } from "../../src/instrument/thread-claims.ts";
import { unfinishedIterations } from "../../src/instrument/unfinished.ts";
import { databaseIdentity, Instance, type CacheIdentity } from "../../src/recording/instance.ts";
import { Boundary, OperationKind } from "../../src/recording/operation-kind.ts";
import { Guard } from "../../src/runtime/guard.ts";
import { BoundedMap } from "../files/bounded-map.ts";
import { identityOf } from "../files/file-stat.ts";
import { namespaceOf } from "../files/namespace.ts";
import { Background } from "../lsm/background.ts";
import { Backlog } from "../lsm/backlog.ts";
import { filesOf } from "../lsm/files.ts";
import { folderAt } from "../lsm/folder.ts";
import { errorTypeOf } from "./errors.ts";
import { LogLines } from "./log-lines.ts";
import type { ColumnFamily, State } from "./package.ts";
import { blockCacheOf, engineOf, FILE_TYPES, pendingBytes } from "./polled.ts";
import { Properties } from "./properties.ts";
import { statisticsOf } from "./statistics.ts";

/** Operations by name, with their kind. */
const KINDS = {
  get: OperationKind.READ,
  read: OperationKind.READ,
  iterator: OperationKind.READ,
  keys: OperationKind.READ,
  peek: OperationKind.READ,
  put: OperationKind.WRITE,
  delete: OperationKind.WRITE,
  deleteRange: OperationKind.WRITE,
  write: OperationKind.WRITE,
  open: OperationKind.OTHER,
  close: OperationKind.OTHER,
  suspend: OperationKind.OTHER,
  resume: OperationKind.OTHER,
  flush: OperationKind.OTHER,
  compact: OperationKind.OTHER,
  compactRange: OperationKind.OTHER,
  approximateSize: OperationKind.OTHER,
} as const satisfies Readonly<Record<string, OperationKind>>;
export type OperationName = keyof typeof KINDS;

/** Maximum number of operations that are kept: a name for each column family. */
const MAX_OPERATIONS = 1_024;

/** Maximum length of the name of a column family in telemetry. */
const MAX_NAME = 255;

const guard = new Guard("rocksdb-native");

/** One database, from its first use to its end. */
export class RocksDatabase implements OpenDatabase {
  readonly database: Instance;
  readonly files: OpenDatabase["files"];
  readonly isReadOnly = undefined;
  readonly connections = 1;
  isWritten = false;
  #commits = 0;
  readonly #folder: string;
  readonly #properties: Properties;
  readonly #operations = new BoundedMap<string, Operation>(MAX_OPERATIONS);
  readonly #backlog = new Backlog();
  #identity: string | undefined;
  #lines: LogLines | undefined;
  #background: Background | undefined;
  #isClosed = false;

  /** @param getProperty the method of the package, unobserved */
  constructor(state: State, getProperty: State["getProperty"]) {
    this.#properties = new Properties(state, getProperty);
    this.#folder = folderAt(String(state.path));
    this.files = { other: join(this.#folder, "CURRENT") };
    this.database = new Instance(databaseIdentity("rocksdb", namespaceOf(this.#folder)), errorTypeOf, "kv");
  }

  /** @param isFresh true if it was opened just now */
  opened(isFresh: boolean): void {
    if (this.#background !== undefined) return;
    const { database } = this;
    this.#identity = identityOf(this.#folder);
    // In the order of their ends.
    this.#later(watchDatabase(this));
    this.#later(watchViews(database, false));
    const source = { instance: database, folder: this.#folder, engine: "RocksDB", isFresh };
    const background = new Background(source, (reports) => (this.#lines = new LogLines(reports)));
    this.#background = background;
    this.#later(() => background.close());
    const cache = this.#blockCache();
    const { attributes } = cache;
    const collectors = [
      engineOf(this.#properties, background),
      filesOf(this.#folder, FILE_TYPES, () => this.isInPlace()),
      statisticsOf(this.#properties, database.attributes, attributes),
    ];
    // It can be open several times, to be read.
    const claim = SharedData.join(`rocksdb:${this.#folder}`, database);
    const polled = collectors.map((collector) => new Polled(database, collector, claim));
    for (const each of [...polled, new Polled(cache, blockCacheOf(this.#properties), undefined)])
      this.#later(() => each.close());
    this.#later(() => claim.leave(database));
    this.#later(() => cache.closed());
  }

  /** Returns the operation of a method on a column family. */
  operation(name: OperationName, family?: ColumnFamily): Operation {
    const collection = family === undefined || family.name === "default" ? undefined : family.name.slice(0, MAX_NAME);
    const summary = collection === undefined ? name : `${name} ${collection}`;
    const known = this.#operations.get(summary);
    if (known !== undefined) return known;
    const info = { kind: KINDS[name], boundary: Boundary.NONE, statements: 1, name, collection, summary };
    return this.#operations.set(summary, new Operation(this.database, info));
  }

  /** Notes that the application flushes or compacts, until the returned function is called. */
  requested(): () => void {
    return this.#background?.requested() ?? (() => {});
  }

  /** Notes that a write begins; returns a function to call at its end. */
  writing(): (isWritten: boolean) => void {
    const writes = this.#background?.writes;
    const write = writes?.began();
    return (isWritten) => {
      if (write !== undefined) writes!.ended(write);
      if (!isWritten) return;
      this.isWritten = true;
      this.#commits++;
    };
  }

  /** Records that the application closed it, or could not open it. */
  closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { database } = this;
    for (const each of unfinishedIterations()) if (each.database === database) guard.attempt(() => each.finish());
    for (const each of database.open) guard.attempt(() => each.deref()?.abandon());
    countUntimed();
    database.closed();
  }

  isInPlace(): boolean {
    return identityOf(this.#folder) === this.#identity;
  }

  async backgroundWork(): Promise<BackgroundWork | undefined> {
    const background = this.#background;
    if (background === undefined) return undefined;
    this.#backlog.note(await pendingBytes(this.#properties));
    return this.#backlog.stateWith(background);
  }

  commits(): number {
    return this.#commits;
  }

  version(): string | undefined {
    return this.#lines?.version;
  }

  recovery(): string {
    return "done";
  }

  waiting(): undefined {
    return undefined;
  }

  failureKind(errorType: string): FailureKind {
    return errorType === "EIO" ? "storage" : "application";
  }

  #blockCache(): Instance<CacheIdentity> {
    const { [ATTR_DB_NAMESPACE]: name, [ATTR_DB_SYSTEM_NAME]: system } = this.database.attributes;
    return new Instance<CacheIdentity>({
      [ATTR_DB_SYSTEM_NAME]: system,
      [ATTR_STORAGE_CACHE_NAME]: `${name} block cache`,
    });
  }

  #later(task: () => void): void {
    this.database.whenClosed(() => guard.attempt(task));
  }
}
