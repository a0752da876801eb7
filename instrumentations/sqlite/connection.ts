import { now } from "../../src/runtime/clock.ts";
import { databaseIdentity, Instance } from "../../src/recording/instance.ts";
import { Guard } from "../../src/runtime/guard.ts";
import { Boundary, OperationKind } from "../../src/recording/operation-kind.ts";
import type { OperationInfo } from "../../src/recording/operation-info.ts";
import { countUntimed, Operation } from "../../src/instrument/operation.ts";
import { CommitWait } from "../layers/commit-off-cpu.ts";
import { Boundaries, type TransactionState } from "./transaction-tracker.ts";
import { BoundedTexts } from "../files/bounded-map.ts";
import { Compactions } from "./compaction.ts";
import type { CommitWatcher, Connection, ConnectionHook } from "./connection-hooks.ts";
import { healthHook } from "./health.ts";
import type { Location } from "../files/location.ts";
import { namespaceOf } from "../files/namespace.ts";
import { pagesHook } from "./page-usage.ts";
import { isQueryVerb } from "../sql/query-summary.ts";
import { MAX_ASKED, PLANNED_VERBS, planOf } from "./query-plan.ts";
import { SearchIndexes } from "./search-indexes.ts";
import { Searches } from "./search.ts";
import { Snapshots, serializing } from "./snapshot.ts";
import { spaceHook } from "./file-sizes.ts";
import { parseScript, parseStatement, scriptOf, type Control, type Script, type Statement } from "./sql.ts";
import { walHook } from "./wal.ts";

/** Properties of a database that a binding has opened. */
export interface ConnectionOptions<Owner extends object> {
  /** Undefined for a database without a file. */
  readonly location: Location | undefined;
  /** True if it was opened read-only, if the binding reports this. */
  readonly isReadOnly?: boolean;
  /** Tells whether a transaction is open according to SQLite; without it, the state is derived from the statements. */
  readonly inTransaction?: (owner: Owner) => boolean;
  /** Returns the `error.type` of an error of the binding: the name of SQLite's result code. */
  readonly errorType?: (error: unknown) => string;
  /**
   * Tells whether the application would observe an internal query, by a statement log or an authorizer of its own. Then
   * none is run.
   */
  readonly isOverheard?: (owner: Owner) => boolean;
  /** Tells whether planning a query runs no application code: no application-defined function is deterministic. */
  readonly isPlanned: (owner: Owner) => boolean;
  /**
   * Runs an internal query on the application's own connection, without instrumentation; it may throw. Missing if that
   * would disturb the application: in the queue of an asynchronous binding, for instance.
   * @returns the rows, each as an array of its values
   */
  readonly query?: (owner: Owner, sql: string) => unknown[][];
  /** True if statements run in another thread, and wait for it in a queue of the binding. */
  readonly isAsynchronous?: boolean;
  /** See {@link Connection.watchEnd}. */
  readonly watchEnd?: () => () => bigint | undefined;
}

const guard = new Guard("sqlite");

/** Registry that closes a connection whose object was garbage-collected. */
const abandoned = new FinalizationRegistry(
  guard.callback((connection: { closed(timestamp: bigint): void }) => connection.closed(now())),
);

/** Limits of the texts cached per connection, for statements and for scripts; an evicted text is parsed again. */
const MAX_TEXTS = { texts: 1_000, characters: 1_000_000 };

/** Hooks of every connection. */
const HOOKS: readonly ((connection: Connection) => ConnectionHook)[] = [
  spaceHook,
  walHook,
  (connection) => new Searches(connection),
  // In another thread, a commit takes none of the time of this one.
  ({ database, isAsynchronous }) => (isAsynchronous ? {} : { commits: new CommitWait(database) }),
  (connection) => new Snapshots(connection),
  (connection) => new Compactions(connection),
  pagesHook,
  healthHook,
];

/** The application of a changeset. Outside of a transaction it is one, however the application resolves conflicts. */
const CHANGE: Statement = {
  kind: OperationKind.WRITE,
  control: undefined,
  verb: "APPLY CHANGESET",
  collection: undefined,
  summary: "APPLY CHANGESET",
  rollsBack: false,
};

const PREPARE: OperationInfo = {
  kind: OperationKind.PREPARE,
  boundary: Boundary.NONE,
  statements: 0,
  name: "PREPARE",
  summary: "PREPARE",
};

/** Connection to a SQLite database, independent of the binding. */
export class SqliteConnection<Owner extends object> implements Connection {
  /** The operation of compiling a statement. */
  readonly preparing: Operation;
  readonly database: Instance;
  readonly path: string | undefined;
  readonly file: string | undefined;
  readonly isReadOnly: boolean | undefined;
  readonly isAskable: boolean;
  readonly isAsynchronous: boolean;
  readonly indexes: SearchIndexes = new SearchIndexes(this);
  readonly watchEnd: (() => () => bigint | undefined) | undefined;
  readonly #boundaries: Boundaries;
  readonly #hooks: readonly ConnectionHook[];
  readonly #watchers: readonly CommitWatcher[];
  readonly #owner: WeakRef<Owner>;
  readonly #options: ConnectionOptions<Owner>;
  #isClosed = false;
  #serializing: Operation | undefined;
  #hasQuotedLiterals: boolean | undefined;
  #changing: Operation | undefined;
  readonly #statements = new BoundedTexts<Operation>(MAX_TEXTS);
  readonly #scripts = new BoundedTexts<Operation>(MAX_TEXTS);

  constructor(owner: Owner, options: ConnectionOptions<Owner>) {
    const { location, isReadOnly } = options;
    this.#owner = new WeakRef(owner);
    this.#options = options;
    this.watchEnd = options.watchEnd;
    abandoned.register(owner, this);
    this.path = location?.path;
    this.file = location?.file;
    this.isReadOnly = isReadOnly;
    this.isAskable = options.query !== undefined;
    this.isAsynchronous = options.isAsynchronous === true;
    this.database = new Instance(databaseIdentity("sqlite", namespaceOf(this.path)), options.errorType, "sql");
    // A lock on an in-memory database cannot block other threads or processes.
    this.database.holdsData = this.path === undefined;
    this.preparing = new Operation(this.database, PREPARE);
    this.#hooks = HOOKS.map((create) => create(this));
    this.#watchers = this.#hooks.flatMap(({ commits }) => commits ?? []);
    this.#boundaries = new Boundaries(this.database, this.#transactionState(), this.#watchers);
    this.database.boundary = this.#boundaries;
  }

  #transactionState(): TransactionState {
    if (this.#options.inTransaction !== undefined) return { ask: () => this.#asked() };
    return this.isAskable ? { verify: () => this.#isStillOpen() } : { isQueued: this.isAsynchronous };
  }

  inTransaction(): boolean {
    return this.#boundaries.inTransaction();
  }

  /** Returns SQLite's own answer. */
  #asked(): boolean {
    const owner = this.#owner.deref();
    try {
      return owner !== undefined && this.#options.inTransaction!(owner);
    } catch {
      // The database was closed during an iteration.
      return false;
    }
  }

  /**
   * Tells whether a transaction is open if SQLite does not report it: inside a transaction it refuses to begin one;
   * outside, a BEGIN neither locks nor writes.
   */
  #isStillOpen(): boolean {
    if (this.#ask("BEGIN").rows === undefined) return true;
    this.#ask("COMMIT");
    return false;
  }

  query(sql: string): unknown[][] | undefined {
    const { rows } = this.#ask(sql);
    return rows;
  }

  refusal(sql: string): string | undefined {
    const { rows, error } = this.#ask(sql);
    return rows === undefined ? this.database.errorType(error) : undefined;
  }

  #ask(sql: string): { readonly rows?: unknown[][]; readonly error?: unknown } {
    const owner = this.#owner.deref();
    const { query, isOverheard } = this.#options;
    if (owner === undefined || query === undefined || isOverheard?.(owner) === true) return {};
    try {
      return { rows: query(owner, sql) };
    } catch (error) {
      return { error };
    }
  }

  /**
   * Asks SQLite at the first text that depends on it; if it cannot be asked, ambiguous quoted text is treated as a
   * value.
   */
  readonly #areQuotesLiterals = (): boolean => {
    if (this.#hasQuotedLiterals !== undefined) return this.#hasQuotedLiterals;
    const { rows, error } = this.#ask(`SELECT "stratascope has no such column"`);
    if (rows !== undefined) this.#hasQuotedLiterals = true;
    else if (isUnknownName(error)) this.#hasQuotedLiterals = false;
    return this.#hasQuotedLiterals ?? true;
  };

  isPlanned(): boolean {
    const owner = this.#owner.deref();
    return owner !== undefined && this.#options.isPlanned(owner);
  }

  /** The operation of applying a changeset recorded from another database. */
  get changing(): Operation {
    const { text: _, ...outline } = scriptOf("", [CHANGE]);
    this.#changing ??= this.#operation(outline, "");
    return this.#changing;
  }

  /** The operation of copying the database to memory. */
  get serializing(): Operation {
    this.#serializing ??= serializing(this.database);
    return this.#serializing;
  }

  /** Returns the operation of a prepared statement. */
  statement(sql: string): Operation {
    return (
      this.#statements.get(sql) ??
      this.#statements.set(sql, this.#operation(parseStatement(sql, this.#areQuotesLiterals), sql))
    );
  }

  /** Returns the operation of a text that SQLite may still refuse: only its outline is known to be free of values. */
  script(sql: string): Operation {
    const known = this.#scripts.get(sql);
    if (known !== undefined) return known;
    const { text: _, ...outline } = parseScript(sql);
    return this.#scripts.set(sql, this.#operation(outline, sql));
  }

  #operation(script: Script, sql: string): Operation {
    if (script.parts.some(({ verb }) => isQueryVerb(verb))) this.database.holdsData = true;
    const hooks = this.#hooks.map((each) => each.hookOf?.(script, sql));
    const hook = hooks.find((each) => each !== undefined);
    return new Operation(this.database, {
      ...script,
      hook,
      beforeAutocommit: script.boundary === Boundary.WRITE ? this.#beforeCommit : undefined,
      before: inTurn([
        this.#commitsIn(script),
        hook?.starting?.bind(hook),
        ...this.#hooks.map((each) => each.beforeOf?.(script)),
      ]),
      plan: isPlanned(script, sql) ? () => planOf(this, sql) : undefined,
    });
  }

  #commitsIn({ parts }: Script): Task | undefined {
    return parts.some(({ control }) => COMMITTING.has(control?.action)) ? this.#beforeCommit : undefined;
  }

  readonly #beforeCommit = (): void => {
    for (const watcher of this.#watchers) watcher.before();
  };

  /** Records that the application closed the database; an open transaction is rolled back. */
  closed(timestamp: bigint): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    guard.attempt(() => this.#boundaries.closed(timestamp));
    for (const hook of this.#hooks) guard.attempt(() => hook.closed?.());
    // Flushes pending counts while their series still exist.
    countUntimed();
    this.database.closed();
  }
}

const isPlanned = ({ parts }: Script, sql: string): boolean =>
  parts.length === 1 && PLANNED_VERBS.has(parts[0]!.verb) && sql.length <= MAX_ASKED;

type Task = () => void;

/** Combines tasks into one that runs them in order. Most statements have at most one. */
function inTurn(possible: readonly (Task | undefined)[]): Task | undefined {
  const tasks = possible.filter((task) => task !== undefined);
  return tasks.length < 2
    ? tasks[0]
    : () => {
        for (const task of tasks) task();
      };
}

const isUnknownName = (error: unknown): boolean => error instanceof Error && error.message.includes("no such column");

const COMMITTING: ReadonlySet<Control["action"] | undefined> = new Set<Control["action"]>(["commit", "release"]);
