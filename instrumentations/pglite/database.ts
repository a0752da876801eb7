import { realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { Polled } from "../../src/instrument/collectors.ts";
import { watchDatabase, type FailureKind, type OpenDatabase } from "../../src/instrument/open-instances.ts";
import { countUntimed } from "../../src/instrument/operation.ts";
import { SharedData } from "../../src/instrument/thread-claims.ts";
import { databaseIdentity, Instance } from "../../src/recording/instance.ts";
import { now } from "../../src/runtime/clock.ts";
import { Guard } from "../../src/runtime/guard.ts";
import { fileAt } from "../files/location.ts";
import { namespaceOf } from "../files/namespace.ts";
import { errorTypeOf, type Pglite } from "./engine.ts";
import { filesOf, memoryOf } from "./gauges.ts";
import { Prepared } from "./messages.ts";
import type { Run } from "./run.ts";
import { Statements } from "./statements.ts";

const guard = new Guard("pglite");

/** Registry that closes a database whose object was garbage-collected. */
const abandoned = new FinalizationRegistry(guard.callback((database: PgliteDatabase) => database.closed()));

/** Databases by the object of the application, whichever copy of the package made it. */
const databases = new WeakMap<Pglite, PgliteDatabase>();

/** Returns the database of an object, also of one that was opened while nothing was observed. */
export function databaseOf(owner: Pglite): PgliteDatabase {
  return databases.get(owner) ?? opening(owner, true);
}

/** Returns the database of an object that has been seen before. */
export const knownDatabase = (owner: Pglite): PgliteDatabase | undefined => databases.get(owner);

/**
 * Creates the database of an object.
 * @param isStarted false if the statements it runs from now on are those by which the package starts
 */
export function opening(owner: Pglite, isStarted: boolean): PgliteDatabase {
  const database = new PgliteDatabase(owner, isStarted);
  databases.set(owner, database);
  return database;
}

/** Returns the `db.namespace` of a folder; of no folder, that of memory. */
export const namespaceIn = (folder: string | undefined): string =>
  namespaceOf(folder === undefined ? undefined : absolute(folder));

/** Kinds of failures by the class of their SQLSTATE; all others are mistakes of the application. */
const FAILURES: readonly (readonly [RegExp, FailureKind])[] = [
  [/^(?:53|58|XX)...$/, "storage"],
  [/^(?:40...|55P03|57014)$/, "contention"],
];

/** One open database. */
export class PgliteDatabase implements OpenDatabase {
  readonly database: Instance;
  readonly files: OpenDatabase["files"];
  readonly statements: Statements;
  /** Statements that the application has prepared by messages of its own. */
  readonly prepared = new Prepared();
  readonly isReadOnly = false;
  readonly connections = 1;
  isStarted: boolean;
  /** The call of the package that has the connection. */
  running: Run | undefined;
  /** True while the application calls `runExclusive`, in which it sends messages of its own. */
  isLending = false;
  /** When the call was made that gets the connection now. */
  called: bigint | undefined;
  readonly #file: string | undefined;
  #isClosed = false;

  constructor(owner: Pglite, isStarted: boolean) {
    this.isStarted = isStarted;
    const folder = typeof owner.fs?.rootDir === "string" ? absolute(owner.fs.rootDir) : undefined;
    this.database = new Instance(databaseIdentity("postgresql", namespaceOf(folder)), errorTypeOf, "sql");
    this.database.holdsData = true;
    this.files = folder === undefined ? {} : { other: join(folder, "PG_VERSION") };
    this.#file = folder && fileAt(this.files.other!);
    this.statements = new Statements(this.database, owner.mod);
    const memory = new Polled(this.database, memoryOf(new WeakRef(owner)), undefined);
    this.#later(watchDatabase(this));
    this.#later(() => memory.close());
    if (folder !== undefined) this.#pollFiles(folder);
    abandoned.register(owner, this, this);
  }

  get isWritten(): boolean {
    return this.statements.isWritten;
  }

  isInPlace(): boolean {
    return this.files.other === undefined || fileAt(this.files.other) === this.#file;
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
    return FAILURES.find(([pattern]) => pattern.test(errorType))?.[1] ?? "application";
  }

  /** Records that the application closed it; an open transaction is rolled back. */
  closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    abandoned.unregister(this);
    guard.attempt(() => this.statements.closed(now()));
    for (const each of this.database.open) guard.attempt(() => each.deref()?.abandon());
    countUntimed();
    this.database.closed();
  }

  #pollFiles(folder: string): void {
    const claim = SharedData.join(`postgresql:${folder}`, this.database);
    const polled = new Polled(
      this.database,
      filesOf(folder, () => this.isInPlace()),
      claim,
    );
    this.#later(() => polled.close());
    this.#later(() => claim.leave(this.database));
  }

  #later(task: () => void): void {
    this.database.whenClosed(() => guard.attempt(task));
  }
}

/** Returns the absolute path of a folder, without links where it exists. */
function absolute(folder: string): string {
  let path = folder;
  try {
    path = resolve(folder);
    return realpathSync.native(path);
  } catch {
    return path;
  }
}
