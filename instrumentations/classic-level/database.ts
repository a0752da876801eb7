import { join } from "node:path";
import type { ClassicLevel } from "classic-level";
import { Polled, type Collector } from "../../src/instrument/collectors.ts";
import {
  watchDatabase,
  type BackgroundWork,
  type FailureKind,
  type OpenDatabase,
} from "../../src/instrument/open-instances.ts";
import { countUntimed, Operation } from "../../src/instrument/operation.ts";
import { SharedData } from "../../src/instrument/thread-claims.ts";
import { unfinishedIterations } from "../../src/instrument/unfinished.ts";
import { databaseIdentity, Instance } from "../../src/recording/instance.ts";
import { Boundary, OperationKind } from "../../src/recording/operation-kind.ts";
import { watchViews } from "../../src/instrument/open-views.ts";
import { Guard } from "../../src/runtime/guard.ts";
import { identityOf } from "../files/file-stat.ts";
import { namespaceOf } from "../files/namespace.ts";
import { Background } from "../lsm/background.ts";
import { Backlog } from "../lsm/backlog.ts";
import { filesOf } from "../lsm/files.ts";
import { folderAt } from "../lsm/folder.ts";
import type { LogSource } from "../lsm/log-tail.ts";
import { levelsIn } from "../lsm/levels.ts";
import { LogLines } from "./log-lines.ts";
import { FILE_TYPES, LEVELS, levelsOf, pendingIn, type Asked } from "./polled.ts";

export type Level = ClassicLevel<unknown, unknown>;

/** Methods that are an operation, by their names, with its kind. */
const KINDS = {
  open: OperationKind.OTHER,
  get: OperationKind.READ,
  getSync: OperationKind.READ,
  getMany: OperationKind.READ,
  has: OperationKind.READ,
  hasMany: OperationKind.READ,
  iterator: OperationKind.READ,
  keys: OperationKind.READ,
  values: OperationKind.READ,
  put: OperationKind.WRITE,
  del: OperationKind.WRITE,
  batch: OperationKind.WRITE,
  clear: OperationKind.WRITE,
  compactRange: OperationKind.OTHER,
  approximateSize: OperationKind.OTHER,
} as const satisfies Readonly<Record<string, OperationKind>>;
export type OperationName = keyof typeof KINDS;

const guard = new Guard("classic-level");

/** Registry that closes a database whose object was garbage-collected. */
const abandoned = new FinalizationRegistry(guard.callback((database: LevelDatabase) => database.closed()));

/** Codes of errors by kind; all others are mistakes of the application. */
const FAILURES: Readonly<Record<string, FailureKind>> = {
  LEVEL_IO_ERROR: "storage",
  LEVEL_CORRUPTION: "storage",
  LEVEL_LOCKED: "contention",
};

/** One database, from when it is being opened to its end. */
export class LevelDatabase implements OpenDatabase, Asked {
  readonly database: Instance;
  readonly files: OpenDatabase["files"];
  readonly isReadOnly = false;
  readonly connections = 1;
  isWritten = false;
  #commits = 0;
  readonly #owner: WeakRef<Level>;
  readonly #getProperty: Level["getProperty"];
  readonly #folder: string;
  readonly #operations = new Map<string, Operation>();
  #identity: string | undefined;
  #background: Background | undefined;
  readonly #backlog = new Backlog();
  #isClosed = false;

  /** @param getProperty the method of the package, which an application may have another one of */
  constructor(owner: Level, getProperty: Level["getProperty"]) {
    this.#owner = new WeakRef(owner);
    this.#getProperty = getProperty;
    this.#folder = folderAt(owner.location);
    this.files = { other: join(this.#folder, "CURRENT") };
    this.database = new Instance(databaseIdentity("leveldb", namespaceOf(this.#folder)), undefined, "kv");
    abandoned.register(owner, this, this);
  }

  /** @param isFresh true if it was opened just now */
  opened(isFresh: boolean): void {
    const { database } = this;
    this.#identity = identityOf(this.#folder);
    const claim = SharedData.join(`leveldb:${this.#folder}`, database);
    // In the order of their ends.
    this.#later(watchDatabase(this));
    this.#later(watchViews(database, false));
    const background = backgroundOf({ instance: database, folder: this.#folder, engine: "LevelDB", claim, isFresh });
    this.#background = background;
    this.#later(() => background.close());
    const poll = (collector: Collector): Polled => new Polled(database, collector, claim);
    for (const polled of [poll(levelsOf(this)), poll(filesOf(this.#folder, FILE_TYPES, () => this.isInPlace()))])
      this.#later(() => polled.close());
    this.#later(() => claim.leave(database));
  }

  /**
   * Returns the operation of a method.
   * @param summary tells it apart from the same with other options
   */
  operation(name: OperationName, summary: string = name): Operation {
    let operation = this.#operations.get(summary);
    if (operation === undefined) {
      const kind = KINDS[name];
      operation = new Operation(this.database, { kind, boundary: Boundary.NONE, statements: 1, name, summary });
      this.#operations.set(summary, operation);
    }
    return operation;
  }

  /** Notes that the application compacts, until the returned function is called. */
  compacting(): () => void {
    return this.#background?.requested() ?? (() => {});
  }

  /** Notes that a write begins; returns a function to call at its end. */
  writing(): () => void {
    const writes = this.#background?.writes;
    const write = writes?.began();
    return () => {
      if (write !== undefined) writes!.ended(write);
    };
  }

  /** Records a write that succeeded. */
  wrote(): void {
    this.isWritten = true;
    this.#commits++;
  }

  /** Records that the application closed it, or could not open it. */
  closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    abandoned.unregister(this);
    const { database } = this;
    for (const each of unfinishedIterations()) if (each.database === database) guard.attempt(() => each.finish());
    for (const each of database.open) guard.attempt(() => each.deref()?.abandon());
    countUntimed();
    database.closed();
  }

  #later(task: () => void): void {
    this.database.whenClosed(() => guard.attempt(task));
  }

  property(name: string): string | undefined {
    const owner = this.#owner.deref();
    return owner?.status === "open" ? this.#getProperty.call(owner, name) : undefined;
  }

  get background(): Background | undefined {
    return this.#background;
  }

  backgroundWork(): BackgroundWork | undefined {
    const stats = this.property("leveldb.stats");
    if (stats === undefined || this.#background === undefined) return undefined;
    this.#backlog.note(pendingIn(levelsIn(stats, LEVELS)));
    return this.#backlog.stateWith(this.#background);
  }

  isInPlace(): boolean {
    return identityOf(this.#folder) === this.#identity;
  }

  commits(): number {
    return this.#commits;
  }

  version(): undefined {
    return undefined;
  }

  recovery(): string {
    return "done";
  }

  waiting(): undefined {
    return undefined;
  }

  failureKind(errorType: string): FailureKind {
    return FAILURES[errorType] ?? "application";
  }
}

const backgroundOf = (source: LogSource): Background =>
  new Background(
    source,
    (background) => new LogLines(background, (time) => (background.isRequested(time) ? undefined : "memtable_full")),
  );
