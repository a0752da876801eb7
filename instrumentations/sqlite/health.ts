import type { Instance } from "../../src/recording/instance.ts";
import { Boundary, OperationKind } from "../../src/recording/operation-kind.ts";
import { longestOpen } from "../../src/insights/long-open.ts";
import { watchDatabase, type FailureKind, type OpenDatabase } from "../../src/instrument/open-instances.ts";
import type { Connection, ConnectionHook } from "./connection-hooks.ts";
import { sizeOf } from "../files/file-stat.ts";
import { fileAt } from "../files/location.ts";
import { PerDatabase } from "./per-database.ts";
import { TELLING } from "./wal-file.ts";

/** Suffixes of the files that a process which was not shut down properly leaves beside a database. */
const LEFTOVERS = ["-wal", "-journal"];

/** Database with open connections. */
class SqliteDatabase implements OpenDatabase {
  readonly database: Instance;
  readonly files: OpenDatabase["files"];
  isWritten = false;
  readonly #file: string | undefined;
  readonly #connections = new Set<Connection>();
  readonly #unwatch = watchDatabase(this);
  #isRecovered: boolean;

  constructor({ database, path, file }: Connection) {
    this.database = database;
    this.#file = file;
    this.files = path === undefined ? {} : { table: path, wal: `${path}-wal` };
    this.#isRecovered = path === undefined || LEFTOVERS.every((suffix) => (sizeOf(path + suffix) ?? 0) === 0);
  }

  get connections(): number {
    return this.#connections.size;
  }

  get isReadOnly(): boolean | undefined {
    const answers = new Set(Array.from(this.#connections, ({ isReadOnly }) => isReadOnly));
    return answers.size === 1 ? answers.values().next().value : answers.has(false) ? false : undefined;
  }

  isInPlace(): boolean {
    return this.files.table === undefined || fileAt(this.files.table) === this.#file;
  }

  join(connection: Connection): void {
    this.#connections.add(connection);
  }

  leave(connection: Connection): void {
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#unwatch();
  }

  version(): string | undefined {
    for (const connection of this.#connections) {
      const version = connection.query("SELECT sqlite_version()")?.[0]?.[0];
      if (version !== undefined) return String(version);
    }
    return undefined;
  }

  recovery(): string {
    // A connection that cannot be asked recovers with the first statement of the application, which shows a failure itself.
    if (this.#isRecovered || [...this.#connections].every(({ isAskable }) => !isAskable)) return "done";
    // A read inside a transaction of the application would determine the snapshot of that transaction.
    const idle = [...this.#connections].filter((connection) => !connection.inTransaction());
    const answers = idle.map(readNow);
    this.#isRecovered = answers.includes("done");
    return this.#isRecovered ? "done" : (answers.find((answer) => answer !== "unknown") ?? "unknown");
  }

  waiting(): number | undefined {
    // Before recovery, even a query of the log can wait for a lock.
    if (this.recovery() !== "done") return undefined;
    const connections = [...this.#connections];
    const pinned = connections[0]?.database.log?.pinned();
    if (pinned !== undefined || this.files.wal === undefined) return pinned;
    // Before version 3.51 SQLite does not report this. A checkpointed log keeps its size, but then no snapshot is held
    // open.
    const isHeld = longestOpen(new Set(connections.map(({ database }) => database))) !== undefined;
    return isHeld && !TELLING.test(this.version() ?? "") ? sizeOf(this.files.wal) : undefined;
  }

  failureKind(errorType: string): FailureKind {
    return FAILURES.find(([pattern]) => pattern.test(errorType))?.[1] ?? "application";
  }
}

/** Result codes by kind of failure; the remaining ones are invalid statements. */
const FAILURES: readonly (readonly [RegExp, FailureKind])[] = [
  [/^SQLITE_(FULL|IOERR|CORRUPT|NOTADB|CANTOPEN|PROTOCOL|NOLFS|FORMAT|READONLY_)/, "storage"],
  [/^SQLITE_(BUSY|LOCKED)/, "contention"],
];

/** Reads from the file without waiting for a lock: the application would be blocked meanwhile. */
function readNow(connection: Connection): string {
  const timeout = connection.query("PRAGMA busy_timeout")?.[0]?.[0];
  if (timeout === undefined) return "unknown";
  connection.query("PRAGMA busy_timeout = 0");
  const failure = connection.refusal("PRAGMA main.schema_version");
  connection.query(`PRAGMA busy_timeout = ${Number(timeout)}`);
  if (failure === undefined) return "done";
  return failure.startsWith("SQLITE_") ? failure : "unknown";
}

const databases = new PerDatabase<SqliteDatabase>();

/** Monitors the database of a connection while it is open. */
export function healthHook(connection: Connection): ConnectionHook {
  const database = databases.join(connection, () => new SqliteDatabase(connection));
  database.join(connection);
  return {
    beforeOf({ boundary, parts }) {
      if (boundary === Boundary.WRITE || parts.some(({ kind }) => kind === OperationKind.WRITE))
        database.isWritten = true;
      return undefined;
    },
    closed() {
      databases.leave(connection);
      database.leave(connection);
    },
  };
}
