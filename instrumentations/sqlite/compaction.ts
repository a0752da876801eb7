import {
  ATTR_STORAGE_COMPACTION_TYPE,
  ATTR_STORAGE_SEARCH_INDEX_NAME,
  KIND_STORAGE_COMPACTION,
  STORAGE_PRIMITIVE_VALUE_SEARCH,
  type StorageCompactionType,
} from "../../semconv/index.ts";
import type { HookedRun, OperationHook } from "../../src/recording/operation-info.ts";
import { recordActivity } from "../../src/recording/record-activity.ts";
import type { Connection, ConnectionHook } from "./connection-hooks.ts";
import { commandOf, targetOf, unqualified } from "./full-text.ts";
import { databaseSize } from "./page-usage.ts";
import { MAX_ASKED } from "./query-plan.ts";
import { isMain, textOf } from "./schema.ts";
import type { Script } from "./sql.ts";
import { tokenize } from "../sql/tokens.ts";
import { vacuumIn } from "./vacuum.ts";

/** FTS5 commands that compact an index, and the word that must occur in a text before it is tokenized. */
const COMMANDS: ReadonlySet<string | undefined> = new Set<StorageCompactionType>(["merge", "optimize", "rebuild"]);
const isCompaction = (command: string | undefined): command is StorageCompactionType => COMMANDS.has(command);
const COMMAND = /'(?:merge|optimize|rebuild)'/i;

const INSERTS: ReadonlySet<string> = new Set(["INSERT", "REPLACE"]);

/** Statements of a connection that compact the database or an index in it. */
export class Compactions implements ConnectionHook {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  hookOf(script: Script, sql: string): OperationHook | undefined {
    const vacuum = vacuumIn(script, sql);
    if (vacuum !== undefined) {
      return vacuum.isCopy || !vacuum.isMain ? undefined : new Vacuuming(this.#connection, "vacuum");
    }
    if (script.parts.length !== 1 || sql.length > MAX_ASKED) return undefined;
    const { verb, summary } = script.parts[0]!;
    if (INSERTS.has(verb)) return COMMAND.test(sql) ? this.#commandIn(verb, sql) : undefined;
    return isIncremental(summary, sql) ? new Vacuuming(this.#connection, "incremental_vacuum") : undefined;
  }

  #commandIn(verb: string, sql: string): OperationHook | undefined {
    const tokens = tokenize(sql);
    const type = commandOf(tokens);
    const table = targetOf(verb, tokens);
    if (!isCompaction(type) || table === undefined || !this.#connection.indexes.isFullText(table)) return undefined;
    const attributes = { [ATTR_STORAGE_COMPACTION_TYPE]: type, [ATTR_STORAGE_SEARCH_INDEX_NAME]: unqualified(table) };
    return {
      primitive: STORAGE_PRIMITIVE_VALUE_SEARCH,
      ran: (run) => recordActivity(this.#connection.database, KIND_STORAGE_COMPACTION, { ...run, attributes }),
    };
  }
}

/** Tells whether a statement is `PRAGMA incremental_vacuum(100)` or `PRAGMA main.incremental_vacuum`. */
function isIncremental(summary: string, sql: string): boolean {
  if (summary.toLowerCase() !== "pragma incremental_vacuum") return false;
  const [, schema, dot] = tokenize(sql);
  return dot?.text !== "." || isMain(textOf(schema!));
}

/** Operation that releases pages: the size of the database is measured before and after. */
class Vacuuming implements OperationHook {
  readonly #connection: Connection;
  readonly #type: StorageCompactionType;
  #before: number | undefined;

  constructor(connection: Connection, type: StorageCompactionType) {
    this.#connection = connection;
    this.#type = type;
  }

  starting(): void {
    this.#before = databaseSize(this.#connection);
  }

  ran(run: HookedRun): void {
    const attributes = { [ATTR_STORAGE_COMPACTION_TYPE]: this.#type };
    const bytes = this.#reclaimed(run);
    recordActivity(this.#connection.database, KIND_STORAGE_COMPACTION, { ...run, attributes, bytes });
  }

  #reclaimed({ failure }: HookedRun): number | undefined {
    if (failure !== undefined || this.#before === undefined) return undefined;
    const after = databaseSize(this.#connection);
    // With a larger page size than before, the vacuumed database can be larger.
    return after && Math.max(0, this.#before - after);
  }
}
