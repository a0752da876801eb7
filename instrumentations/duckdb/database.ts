import { Polled } from "../../src/instrument/collectors.ts";
import { watchDatabase, type OpenDatabase } from "../../src/instrument/open-instances.ts";
import { watchViews } from "../../src/instrument/open-views.ts";
import { countUntimed, Operation } from "../../src/instrument/operation.ts";
import { SharedData } from "../../src/instrument/thread-claims.ts";
import { databaseIdentity, Instance } from "../../src/recording/instance.ts";
import { Boundary, OperationKind } from "../../src/recording/operation-kind.ts";
import type { OperationHook, OperationInfo } from "../../src/recording/operation-info.ts";
import { now } from "../../src/runtime/clock.ts";
import { Guard } from "../../src/runtime/guard.ts";
import { BoundedMap, BoundedTexts } from "../files/bounded-map.ts";
import { fileAt, locate } from "../files/location.ts";
import { namespaceOf } from "../files/namespace.ts";
import { errorTypeOf, failureKindOf } from "./errors.ts";
import { filesOf } from "./gauges.ts";
import { snapshotHook } from "./snapshots.ts";
import { parseScript, single, type Script, type Statement } from "./sql.ts";
import { expectTransactions } from "./transactions.ts";
import { WriteAheadLog } from "./wal.ts";

const guard = new Guard("duckdb");

/** Limits of the texts cached per database; an evicted text is parsed again. */
const MAX_TEXTS = { texts: 1_000, characters: 1_000_000 };

/** Text of the application, and its operation in a database. */
export interface Known {
  readonly operation: Operation;
  readonly parts: readonly Statement[];
}

/** Calls that run no statement of the application. */
const CALLS = {
  OPEN: OperationKind.OTHER,
  PREPARE: OperationKind.PREPARE,
} as const satisfies Readonly<Record<string, OperationKind>>;

/** Place of a database that is no file: `md:…`, `s3://…`. */
const REMOTE = /^([a-z][a-z\d]+):/i;

/** Database that is open, or being opened, through any number of instances and connections of the package. */
export class DuckDatabase implements OpenDatabase {
  readonly database: Instance;
  readonly isReadOnly: boolean;
  files: OpenDatabase["files"] = {};
  wal: WriteAheadLog | undefined;
  isWritten = false;
  /** Connections of the application. */
  connections = 0;
  readonly #version: string | undefined;
  readonly #path: string | undefined;
  #file: string | undefined;
  readonly #texts = new BoundedTexts<Known>(MAX_TEXTS);
  /** One operation of each summary, whose series the others share: many texts differ in their values only. */
  readonly #summaries = new BoundedMap<string, Operation>(MAX_TEXTS.texts);
  readonly #calls = new Map<string, Operation>();
  #commits = 0;
  /** Instances and connections that are open. */
  #users = 0;
  #isOpen = false;
  #isClosed = false;

  constructor({ path, isReadOnly, version }: Opening) {
    const scheme = REMOTE.exec(path)?.[1]?.toLowerCase();
    const isFile = path !== "" && !path.startsWith(":memory:") && scheme === undefined;
    this.#path = isFile ? locate(path).path : undefined;
    this.#version = version;
    this.isReadOnly = isReadOnly;
    this.database = new Instance(databaseIdentity("duckdb", scheme ?? namespaceOf(this.#path)), errorTypeOf, "sql");
  }

  /** Notes that it is open. */
  opened(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    const { database } = this;
    const path = this.#path;
    expectTransactions(database);
    database.whenClosed(watchViews(database, false));
    if (path !== undefined) this.#watchFiles(path);
    database.whenClosed(watchDatabase(this));
  }

  #watchFiles(path: string): void {
    const { database } = this;
    this.#file = fileAt(path);
    this.files = { table: path, wal: `${path}.wal` };
    if (!this.isReadOnly) this.wal = new WriteAheadLog(database, path);
    const claim = SharedData.join(`duckdb:${path}`, database);
    const polled = new Polled(
      database,
      filesOf(path, () => this.isInPlace()),
      claim,
    );
    database.whenClosed(() => polled.close());
    database.whenClosed(() => claim.leave(database));
  }

  /** Returns the operation of a text. */
  known(sql: string): Known {
    return this.#texts.get(sql) ?? this.#texts.set(sql, this.#create(parseScript(sql)));
  }

  /** Returns the operation of one statement of several. */
  knownPart(statement: Statement): Known {
    return this.#create({ ...single(statement), parts: [statement] });
  }

  #create(script: Script): Known {
    const { parts } = script;
    const hook = parts.length === 1 ? this.#hookOf(parts[0]!) : undefined;
    const info: OperationInfo = hook === undefined ? script : { ...script, hook };
    const key = `${info.kind} ${info.summary}`;
    const like = this.#summaries.get(key);
    const operation = new Operation(this.database, info, undefined, like);
    if (like === undefined) this.#summaries.set(key, operation);
    return { operation, parts };
  }

  #hookOf({ role }: Statement): OperationHook | undefined {
    const { wal } = this;
    if (role === "checkpoint") return wal && { ran: (run) => wal.checkpointed(run) };
    return snapshotHook(this.database, role);
  }

  /** Returns the operation of a call that runs no statement. */
  call(name: keyof typeof CALLS, collection?: string): Operation {
    return this.operation(CALLS[name], name, collection);
  }

  /** Returns the operation of a call by its name. */
  operation(kind: OperationKind, name: string, collection?: string): Operation {
    const summary = collection === undefined ? name : `${name} ${collection}`;
    const known = this.#calls.get(summary);
    if (known !== undefined) return known;
    const statements = kind === OperationKind.WRITE ? 1 : 0;
    const operation = new Operation(this.database, {
      kind,
      boundary: Boundary.NONE,
      statements,
      name,
      collection,
      summary,
    });
    if (this.#calls.size < MAX_TEXTS.texts) this.#calls.set(summary, operation);
    return operation;
  }

  /** Notes a commit, explicit or of a single write. */
  committed(): void {
    this.isWritten = true;
    this.#commits++;
    this.wal?.committed();
  }

  /** Notes that an instance or a connection uses it, until it is released. */
  retain(): void {
    this.#users++;
  }

  /** Releases it after the last use of an instance or a connection. */
  release(): void {
    if (--this.#users === 0) this.closed();
  }

  /** Releases it by a call that closes a connection or an instance: the last one checkpoints. */
  releaseBy(close: () => unknown): unknown {
    const isLast = this.#users === 1;
    if (isLast) guard.attempt(() => this.wal?.closing());
    const start = now();
    try {
      return close();
    } finally {
      if (isLast) guard.attempt(() => this.wal?.closed({ start, nanoseconds: Number(now() - start) }));
      guard.attempt(() => this.release());
    }
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Ends it, or records that it could not be opened. */
  closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { database } = this;
    for (const each of database.open) guard.attempt(() => each.deref()?.abandon());
    countUntimed();
    database.closed();
  }

  isInPlace(): boolean {
    return this.#path === undefined || fileAt(this.#path) === this.#file;
  }

  commits(): number {
    return this.#commits;
  }

  version(): string | undefined {
    return this.#version;
  }

  /** DuckDB replays the log before a database is open. */
  recovery(): string {
    return "done";
  }

  waiting(): number | undefined {
    return this.wal?.size();
  }

  failureKind(errorType: string): ReturnType<OpenDatabase["failureKind"]> {
    return failureKindOf(errorType);
  }
}

/** How the application opens a database. */
export interface Opening {
  /** As the application wrote it. */
  readonly path: string;
  readonly isReadOnly: boolean;
  readonly version: string | undefined;
}
