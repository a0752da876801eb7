import { basename, extname, resolve } from "node:path";
import type { StorageConflictReason } from "../../semconv/index.ts";
import { now } from "../../src/clock.ts";
import { Database, type BoundaryCall, type TransactionBoundary } from "../../src/database.ts";
import { Boundary, OperationKind, type OperationInfo, type OperationLayer } from "../../src/operation-info.ts";
import { Operation } from "../../src/operation.ts";
import { activeRollup, type Rollup } from "../../src/spans/rollup.ts";
import { CommitWait } from "../layers/commit-wait.ts";
import { Transactions, type Ending } from "../layers/transaction.ts";
import { BoundedMap } from "./bounded-map.ts";
import { retriesIn } from "./busy.ts";
import { planOf } from "./query-plan.ts";
import { Compactions } from "./compaction.ts";
import { pagesLayer } from "./pages.ts";
import { Searches } from "./search.ts";
import { watchFile } from "./space.ts";
import { Snapshots, serializing } from "./snapshot.ts";
import { parseScript, type Control, type Script, type Statement } from "./sql.ts";
import { isQueryVerb } from "./summary.ts";
import { walLayer } from "./wal.ts";
import { walk, Walker, type WalkedTransaction } from "./walk.ts";

/** What a binding tells of a database it has opened. */
export interface ConnectionOptions<Owner extends object> {
  /** The path as the application gave it; undefined for a database without a file. */
  readonly path: string | undefined;
  /** Whether a transaction is open, as SQLite itself says; a binding that cannot ask it leaves that to the text. */
  readonly inTransaction?: (owner: Owner) => boolean;
  /** `error.type` of what the binding throws: the name of SQLite's result code. */
  readonly errorType?: (error: unknown) => string;
  /**
   * Whether the application would be told of a query of ours: by a log of statements, or an authorizer of its own.
   * Then there is none.
   */
  readonly isOverheard?: (owner: Owner) => boolean;
  /**
   * Runs a query of ours on the application's own connection, unobserved; it may throw.
   * @returns the rows, each as the list of its values
   */
  readonly query: (owner: Owner, sql: string) => unknown[][];
  /** See {@link Connection.watchEnd}. */
  readonly watchEnd?: () => () => bigint | undefined;
}

/** What the layers of SQLite may know of a connection, and ask of it. */
export interface Connection {
  readonly database: Database;
  /** The path of the file; undefined for a database without one. */
  readonly path: string | undefined;
  inTransaction(): boolean;
  /**
   * Rows of a query of ours; undefined where SQLite refuses it at the moment, or the application would notice. Never
   * inside what is being timed.
   */
  query(sql: string): unknown[][] | undefined;
  /**
   * Watches for the end of a statement that is about to run: in a commit, what comes after is a checkpoint. Undefined
   * where the binding does not tell.
   * @returns stops the watch and gives that moment
   */
  readonly watchEnd: (() => () => bigint | undefined) | undefined;
}

/** A commit that has just been summed up: of an explicit transaction, or of a single write. */
export interface Commit {
  readonly start: bigint;
  readonly nanoseconds: number;
  readonly rollup: Rollup | null;
}

/** What a layer does with a connection: made for each one when it is opened. */
export interface ConnectionLayer {
  /**
   * The layer of a statement or script, where it is this one; asked once for each text.
   * @param sql the text as the application wrote it: it may hold values, so nothing of it may be kept or shown
   */
  layerOf?(script: Script, sql: string): OperationLayer | undefined;
  /** Before a call that may commit. Called for each, so it has to be quick. */
  before?(): void;
  committed?(commit: Commit): void;
  /** After such a call, whether it committed or not. */
  after?(): void;
  closed?(): void;
}

/** A connection whose object was collected is as closed as one the application closed. */
const abandoned = new FinalizationRegistry<{ closed(moment: bigint): void }>((connection) => connection.closed(now()));

/** Distinct texts remembered per connection; a text that was forgotten is read again. */
const MAX_TEXTS = 1_000;

/** The layers a connection takes part in. */
const LAYERS: readonly ((connection: Connection) => ConnectionLayer)[] = [
  walLayer,
  (connection) => new Searches(connection),
  ({ database }) => new CommitWait(database),
  (connection) => new Snapshots(connection),
  (connection) => new Compactions(connection),
  pagesLayer,
];

const PREPARE: OperationInfo = {
  kind: OperationKind.PREPARE,
  boundary: Boundary.NONE,
  statements: 0,
  name: "PREPARE",
  summary: "PREPARE",
};

/**
 * One connection to a SQLite database, whichever binding opened it. SQLite itself says whether a transaction
 * is open; the text of a statement only names what it did.
 */
export class SqliteConnection<Owner extends object> implements Connection, TransactionBoundary {
  /** Compiling a statement. */
  readonly preparing: Operation;
  readonly database: Database;
  readonly path: string | undefined;
  readonly watchEnd: (() => () => bigint | undefined) | undefined;
  readonly #transactions: Transactions;
  readonly #layers: readonly ConnectionLayer[];
  readonly #owner: WeakRef<Owner>;
  readonly #options: ConnectionOptions<Owner>;
  #unwatch: (() => void) | undefined;
  #serializing: Operation | undefined;
  readonly #statements = new BoundedMap<string, Operation>(MAX_TEXTS);
  readonly #scripts = new BoundedMap<string, Operation>(MAX_TEXTS);
  /** What the statements so far say of the transaction that is open. */
  readonly #told = new Walker(false);
  /** Whether the call being summed up left a transaction open that was not open before. */
  #began = false;

  constructor(owner: Owner, options: ConnectionOptions<Owner>) {
    const { path } = options;
    this.#owner = new WeakRef(owner);
    this.#options = options;
    this.watchEnd = options.watchEnd;
    abandoned.register(owner, this);
    this.path = path === undefined ? undefined : resolve(path);
    this.database = new Database("sqlite", namespaceOf(path), options.errorType);
    this.database.boundary = this;
    this.#transactions = new Transactions(this.database);
    this.#unwatch = this.path === undefined ? undefined : watchFile(this.path, this.database);
    this.preparing = new Operation(this.database, PREPARE);
    this.#layers = LAYERS.map((create) => create(this));
  }

  inTransaction(): boolean {
    const owner = this.#owner.deref();
    if (owner === undefined) return false;
    if (this.#options.inTransaction === undefined) return this.#told.open !== undefined;
    try {
      return this.#options.inTransaction(owner);
    } catch {
      // It was closed, with an iteration going on.
      return false;
    }
  }

  query(sql: string): unknown[][] | undefined {
    const owner = this.#owner.deref();
    if (owner === undefined || this.#options.isOverheard?.(owner) === true) return undefined;
    try {
      return this.#options.query(owner, sql);
    } catch {
      return undefined;
    }
  }

  /** Copying the database to memory. */
  get serializing(): Operation {
    this.#serializing ??= serializing(this.database);
    return this.#serializing;
  }

  /** Running a prepared statement. */
  statement(sql: string): Operation {
    return this.#statements.get(sql) ?? this.#statements.set(sql, this.#operation(parseScript(sql), sql));
  }

  /** Running a text that SQLite may still refuse, so nothing of it is known to be free of values but its outline. */
  script(sql: string): Operation {
    const known = this.#scripts.get(sql);
    if (known !== undefined) return known;
    const { text: _, ...outline } = parseScript(sql);
    return this.#scripts.set(sql, this.#operation(outline, sql));
  }

  #operation(script: Script, sql: string): Operation {
    const layers = this.#layers.map((each) => each.layerOf?.(script, sql));
    const layer = layers.find((each) => each !== undefined);
    return new Operation(this.database, {
      ...script,
      layer,
      before: both(this.#beforeOf(script), layer?.starting?.bind(layer)),
      plan: isPlanned(script, sql) ? () => planOf(this, sql) : undefined,
    });
  }

  #beforeOf({ boundary, parts }: Script): (() => void) | undefined {
    if (boundary === Boundary.WRITE) return this.#beforeWrite;
    return parts.some(({ control }) => COMMITTING.has(control?.action)) ? this.#beforeCommit : undefined;
  }

  readonly #beforeCommit = (): void => {
    for (const layer of this.#layers) layer.before?.();
  };

  /** Inside of a transaction a write commits nothing. */
  readonly #beforeWrite = (): void => {
    if (this.database.enclosing === null) this.#beforeCommit();
  };

  /** The application closed the database; what was open is rolled back with it. */
  closed(moment: bigint): void {
    this.#transactions.close(moment);
    for (const layer of this.#layers) layer.closed?.();
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  opening({ info, start, nanoseconds, failure }: BoundaryCall): void {
    if (this.#options.inTransaction === undefined) this.#told.call(partsOf(info), failure);
    this.#began = false;
    if (this.#transactions.isOpen || (info.boundary !== Boundary.CONTROL && failure === undefined)) return;
    if (!this.#isOpenAfter(info, failure)) return;
    const begin = partsOf(info).findLast(({ control }) => control?.action === "begin");
    const mode = begin?.control?.mode ?? "deferred";
    this.#transactions.begin({ mode, start, info });
    this.#began = true;
    if (mode !== "deferred" && partsOf(info).length === 1)
      this.#transactions.locked(nanoseconds, retriesIn(nanoseconds));
  }

  closing(call: BoundaryCall): void {
    const parts = partsOf(call.info);
    if (call.failure !== undefined) this.#closingFailed(call, call.failure);
    else if (call.info.boundary === Boundary.WRITE) this.#autocommits(call, writesIn(parts));
    else if (parts.length === 1) this.#closingSingle(call, parts[0]!.control!.action);
    else this.#closingScript(call, parts);
    for (const layer of this.#layers) layer.after?.();
  }

  #closingSingle(call: BoundaryCall, action: Control["action"]): void {
    if (action === "commit" || (action === "release" && !this.inTransaction())) this.#commit(call);
    else if (action === "rollback") this.#rollback(call);
    else if (action === "savepoint" && !this.#began) this.#transactions.contains(0, 1);
  }

  #commit({ start, nanoseconds }: BoundaryCall): void {
    const rollup = this.database.enclosing?.outer ?? null;
    this.#transactions.committing(nanoseconds);
    this.#transactions.end({ outcome: "commit" }, start + BigInt(nanoseconds));
    this.#committed({ start, nanoseconds, rollup });
  }

  /** A rollback that follows a failed statement is that failure's. */
  #rollback({ start, nanoseconds }: BoundaryCall): void {
    const { failure } = this.#transactions;
    this.#transactions.end(
      failure === undefined ? { outcome: "rollback" } : failed(failure),
      start + BigInt(nanoseconds),
    );
  }

  /** Several statements in one call: the text tells what happened between its beginning and its end. */
  #closingScript(call: BoundaryCall, parts: readonly Statement[]): void {
    const wasOpen = this.#transactions.isOpen && !this.#began;
    const { ended, open, autocommits } = walk(parts, wasOpen);
    // A savepoint whose release committed is open as far as the text tells.
    if (open !== undefined && !this.inTransaction()) ended.push({ ...open, outcome: "commit" });
    else if (open !== undefined) this.#transactions.contains(open.statements, open.savepoints);
    for (const transaction of ended) this.#endWalked(call, transaction);
    this.#autocommits(call, autocommits);
  }

  #endWalked(call: BoundaryCall, { mode, statements, savepoints, outcome = "commit" }: WalkedTransaction): void {
    const { start, nanoseconds } = call;
    if (mode !== undefined) {
      this.#transactions.whole({ mode, outcome, start, nanoseconds, statements, savepoints });
      return;
    }
    this.#transactions.contains(statements, savepoints);
    if (outcome === "commit") this.#commit(call);
    else this.#rollback(call);
  }

  #closingFailed({ info, start, nanoseconds }: BoundaryCall, failure: string): void {
    const reason = conflictOf(failure);
    if (reason !== undefined) this.#transactions.conflict(reason);
    if (reason === "busy") this.#transactions.locked(nanoseconds, retriesIn(nanoseconds), failure);
    if (this.#transactions.isOpen) {
      this.#transactions.fail(failure);
      if (!this.inTransaction()) this.#transactions.end(failed(failure), start + BigInt(nanoseconds));
      return;
    }
    const parts = partsOf(info);
    const begin = parts.find(({ control }) => control?.action === "begin");
    const mode = begin?.control?.mode ?? (writesIn(parts) > 0 ? "autocommit" : undefined);
    if (mode !== undefined) this.#transactions.implicit({ mode, ...failed(failure), start, nanoseconds, ...ONE_WRITE });
  }

  /** Of several writes in one call only the sum of their times is known; it is divided evenly. */
  #autocommits({ start, nanoseconds }: BoundaryCall, writes: number): void {
    for (let i = 0; i < writes; i++) {
      this.#transactions.implicit({
        mode: "autocommit",
        outcome: "commit",
        start,
        nanoseconds: nanoseconds / writes,
        ...ONE_WRITE,
      });
    }
    if (writes > 0) this.#committed({ start, nanoseconds, rollup: activeRollup() });
  }

  #committed(commit: Commit): void {
    for (const layer of this.#layers) layer.committed?.(commit);
  }

  /** Asking SQLite costs more than a short statement, so it is asked only where the text leaves a doubt. */
  #isOpenAfter(info: OperationInfo, failure: string | undefined): boolean {
    const parts = partsOf(info);
    const action = failure === undefined && parts.length === 1 ? parts[0]!.control?.action : undefined;
    if (action === "begin") return true;
    if (action === "commit" || action === "rollback") return false;
    return this.inTransaction();
  }
}

/** Longer texts are lists of values; planning them takes as long as they are. */
const MAX_PLANNED = 10_000;

const isPlanned = ({ parts }: Script, sql: string): boolean =>
  parts.length === 1 && isQueryVerb(parts[0]!.verb) && sql.length <= MAX_PLANNED;

type Task = () => void;

const both = (first: Task | undefined, second: Task | undefined): Task | undefined =>
  first && second ? () => (first(), second()) : (first ?? second);

const COMMITTING: ReadonlySet<Control["action"] | undefined> = new Set<Control["action"]>(["commit", "release"]);

const ONE_WRITE = { statements: 1, savepoints: 0 };

const partsOf = (info: OperationInfo): readonly Statement[] => (info as Partial<Script>).parts ?? [];

const writesIn = (parts: readonly Statement[]): number =>
  parts.filter(({ kind }) => kind === OperationKind.WRITE).length;

const failed = (failure: string): Ending => ({
  outcome: conflictOf(failure) === undefined ? "error" : "conflict",
  failure,
});

/** The conflicts among SQLite's result codes: https://sqlite.org/rescode.html */
function conflictOf(code: string): StorageConflictReason | undefined {
  if (code === "SQLITE_BUSY_SNAPSHOT") return "serialization";
  return /^SQLITE_(BUSY|LOCKED)/.test(code) ? "busy" : undefined;
}

/** `db.namespace`: the name of the file, never where it is. */
export function namespaceOf(path: string | undefined): string {
  if (path === undefined) return "memory";
  const file = basename(path.replace(/^file:/, "").replace(/\?.*$/, ""));
  return file.slice(0, file.length - extname(file).length) || "temporary";
}
