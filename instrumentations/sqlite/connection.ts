import { now } from "../../src/runtime/clock.ts";
import { Database } from "../../src/recording/instance.ts";
import { Guard } from "../../src/runtime/guard.ts";
import { Boundary, OperationKind } from "../../src/recording/operation-kind.ts";
import type { OperationInfo } from "../../src/recording/operation-info.ts";
import { countUntimed, Operation } from "../../src/instrument/operation.ts";
import { CommitWait } from "../layers/commit-off-cpu.ts";
import { Boundaries } from "./transaction-tracker.ts";
import { BoundedTexts } from "./bounded-map.ts";
import { Compactions } from "./compaction.ts";
import type { CommitWatcher, Connection, ConnectionLayer } from "./connection-hooks.ts";
import { healthLayer } from "./health.ts";
import type { Location } from "./location.ts";
import { namespaceOf } from "./namespace.ts";
import { pagesLayer } from "./page-usage.ts";
import { isQueryVerb } from "./summary.ts";
import { MAX_ASKED, PLANNED_VERBS, planOf } from "./query-plan.ts";
import { Searches } from "./search.ts";
import { Snapshots, serializing } from "./snapshot.ts";
import { spaceLayer } from "./file-sizes.ts";
import { parseScript, parseStatement, scriptOf, type Control, type Script, type Statement } from "./sql.ts";
import { walLayer } from "./wal.ts";

/** What a binding tells of a database it has opened. */
export interface ConnectionOptions<Owner extends object> {
  /** Undefined for a database without a file. */
  readonly location: Location | undefined;
  /** Whether it was opened for reading alone, where the binding tells. */
  readonly isReadOnly?: boolean;
  /** Whether a transaction is open, as SQLite itself says; a binding that cannot ask it leaves that to the text. */
  readonly inTransaction?: (owner: Owner) => boolean;
  /** `error.type` of what the binding throws: the name of SQLite's result code. */
  readonly errorType?: (error: unknown) => string;
  /**
   * Whether the application would be told of a query of ours: by a log of statements, or an authorizer of its own.
   * Then there is none.
   */
  readonly isOverheard?: (owner: Owner) => boolean;
  /** Whether to plan a query runs nothing of the application: no function of its own is deterministic. */
  readonly isPlanned: (owner: Owner) => boolean;
  /**
   * Runs a query of ours on the application's own connection, unobserved; it may throw.
   * @returns the rows, each as the list of its values
   */
  readonly query: (owner: Owner, sql: string) => unknown[][];
  /** See {@link Connection.watchEnd}. */
  readonly watchEnd?: () => () => bigint | undefined;
}

const guard = new Guard("sqlite");

/** A connection whose object was collected is as closed as one the application closed. */
const abandoned = new FinalizationRegistry(
  guard.callback((connection: { closed(moment: bigint): void }) => connection.closed(now())),
);

/** Distinct texts remembered per connection, of statements and of scripts; a text that was forgotten is read again. */
const MAX_TEXTS = { texts: 1_000, characters: 1_000_000 };

/** The layers a connection takes part in. */
const LAYERS: readonly ((connection: Connection) => ConnectionLayer)[] = [
  spaceLayer,
  walLayer,
  (connection) => new Searches(connection),
  ({ database }) => ({ commits: new CommitWait(database) }),
  (connection) => new Snapshots(connection),
  (connection) => new Compactions(connection),
  pagesLayer,
  healthLayer,
];

/** Outside of a transaction it is one, whatever the application does about conflicts. */
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

/** One connection to a SQLite database, whichever binding opened it. */
export class SqliteConnection<Owner extends object> implements Connection {
  /** Compiling a statement. */
  readonly preparing: Operation;
  readonly database: Database;
  readonly path: string | undefined;
  readonly file: string | undefined;
  readonly isReadOnly: boolean | undefined;
  readonly watchEnd: (() => () => bigint | undefined) | undefined;
  readonly #boundaries: Boundaries;
  readonly #layers: readonly ConnectionLayer[];
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
    this.database = new Database("sqlite", namespaceOf(this.path), options.errorType);
    // Others cannot be kept out of a database that is in memory.
    this.database.holdsData = this.path === undefined;
    this.preparing = new Operation(this.database, PREPARE);
    this.#layers = LAYERS.map((create) => create(this));
    this.#watchers = this.#layers.flatMap(({ commits }) => commits ?? []);
    const isOpen = options.inTransaction ? { ask: () => this.#asked() } : { verify: () => this.#isStillOpen() };
    this.#boundaries = new Boundaries(this.database, isOpen, this.#watchers);
    this.database.boundary = this.#boundaries;
  }

  inTransaction(): boolean {
    return this.#boundaries.inTransaction();
  }

  /** What SQLite itself says. */
  #asked(): boolean {
    const owner = this.#owner.deref();
    try {
      return owner !== undefined && this.#options.inTransaction!(owner);
    } catch {
      // It was closed, with an iteration going on.
      return false;
    }
  }

  /** Where SQLite cannot be asked: inside of a transaction it refuses to begin one; outside, nothing is locked or written yet. */
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
    if (owner === undefined || this.#options.isOverheard?.(owner) === true) return {};
    try {
      return { rows: this.#options.query(owner, sql) };
    } catch (error) {
      return { error };
    }
  }

  /** Asks SQLite, at the first text that depends on it; where it cannot be asked, what could be a value is taken for one. */
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

  /** Applying the changes another database has recorded. */
  get changing(): Operation {
    const { text: _, ...outline } = scriptOf("", [CHANGE]);
    this.#changing ??= this.#operation(outline, "");
    return this.#changing;
  }

  /** Copying the database to memory. */
  get serializing(): Operation {
    this.#serializing ??= serializing(this.database);
    return this.#serializing;
  }

  /** Running a prepared statement. */
  statement(sql: string): Operation {
    return (
      this.#statements.get(sql) ??
      this.#statements.set(sql, this.#operation(parseStatement(sql, this.#areQuotesLiterals), sql))
    );
  }

  /** Running a text that SQLite may still refuse, so nothing of it is known to be free of values but its outline. */
  script(sql: string): Operation {
    const known = this.#scripts.get(sql);
    if (known !== undefined) return known;
    const { text: _, ...outline } = parseScript(sql);
    return this.#scripts.set(sql, this.#operation(outline, sql));
  }

  #operation(script: Script, sql: string): Operation {
    if (script.parts.some(({ verb }) => isQueryVerb(verb))) this.database.holdsData = true;
    const layers = this.#layers.map((each) => each.layerOf?.(script, sql));
    const layer = layers.find((each) => each !== undefined);
    return new Operation(this.database, {
      ...script,
      layer,
      before: inTurn([
        this.#commitsIn(script),
        layer?.starting?.bind(layer),
        ...this.#layers.map((each) => each.beforeOf?.(script)),
      ]),
      plan: isPlanned(script, sql) ? () => planOf(this, sql) : undefined,
    });
  }

  #commitsIn({ boundary, parts }: Script): Task | undefined {
    if (boundary === Boundary.WRITE) return this.#beforeWrite;
    return parts.some(({ control }) => COMMITTING.has(control?.action)) ? this.#beforeCommit : undefined;
  }

  readonly #beforeCommit = (): void => {
    for (const watcher of this.#watchers) watcher.before();
  };

  /** Inside of a transaction a write commits nothing. */
  readonly #beforeWrite = (): void => {
    if (this.database.enclosing === null) this.#beforeCommit();
  };

  /** The application closed the database; what was open is rolled back with it. */
  closed(moment: bigint): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    guard.attempt(() => this.#boundaries.closed(moment));
    for (const layer of this.#layers) guard.attempt(() => layer.closed?.());
    // What was not counted yet, while it has series to be counted in.
    countUntimed();
    this.database.closed();
  }
}

const isPlanned = ({ parts }: Script, sql: string): boolean =>
  parts.length === 1 && PLANNED_VERBS.has(parts[0]!.verb) && sql.length <= MAX_ASKED;

type Task = () => void;

/** Most statements have one thing to be done before them, or none. */
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
