import type { StorageSearchType } from "../../semconv/index.ts";
import { BoundedMap } from "../files/bounded-map.ts";
import { isName, unqualified, unquoted } from "./full-text.ts";
import type { Queries } from "./queries.ts";
import { searchTypeOf, virtualScans } from "./query-plan.ts";
import { splitStatements, type Token } from "../sql/tokens.ts";

/** Maximum number of table names cached per connection. */
const MAX_NAMES = 1_000;

/** Plan of `SELECT distance, k FROM …` for a table of sqlite-vec: only its tables have both columns. */
const VECTOR_SCAN = "1";

/** Modules of virtual tables that are search indexes. */
const MODULES: Readonly<Record<string, StorageSearchType>> = { FTS5: "fulltext", VEC0: "vector" };

/**
 * Set of a connection's tables that are search indexes: as SQLite plans a search in them, or, if it cannot be asked, as
 * the statements of the connection create them.
 */
export class SearchIndexes {
  readonly #connection: Queries;
  #known = new BoundedMap<string, StorageSearchType | undefined>(MAX_NAMES);

  constructor(connection: Queries) {
    this.#connection = connection;
  }

  /**
   * Returns the type of a table that is a search index; undefined for any other table.
   * @param table its name, possibly qualified
   */
  typeOf(table: string): StorageSearchType | undefined {
    if (!this.#connection.isAskable) return this.#known.get(keyOf(table));
    return this.#known.has(table) ? this.#known.get(table) : this.ask(table);
  }

  /** Tells whether a table is a full-text index, bypassing the cache: another connection may have replaced it. */
  isFullText(table: string): boolean {
    return (this.#connection.isAskable ? this.ask(table) : this.typeOf(table)) === "fulltext";
  }

  /** Clears the cache, as the schema may have changed. What was learned from statements stays true. */
  forget(): void {
    if (this.#connection.isAskable) this.#known = new BoundedMap(MAX_NAMES);
  }

  /** Notes the indexes that a text creates or drops, for a connection that cannot be asked. */
  learn(sql: string): void {
    if (this.#connection.isAskable) return;
    for (const tokens of splitStatements(sql)) {
      const created = createdBy(tokens);
      if (created !== undefined) this.#known.set(keyOf(created.name), created.type);
    }
  }

  /** Asks SQLite, bypassing the cache. */
  ask(table: string): StorageSearchType | undefined {
    const parts = table.split(".").map((part) => `"${part.replaceAll('"', '""')}"`);
    const from = `FROM ${parts.join(".")}`;
    const scans = virtualScans(this.#connection, `SELECT 1 ${from}`);
    // A table that does not exist yet may become an index.
    if (scans === undefined) return undefined;
    return this.#known.set(table, scans.length > 0 ? this.#planned(from, parts.at(-1)!) : undefined);
  }

  /**
   * Returns the type of a virtual table by the plans for it: only a full-text index has a column of its own name that
   * can be matched.
   */
  #planned(from: string, name: string): StorageSearchType | undefined {
    const matched = virtualScans(this.#connection, `SELECT 1 ${from} WHERE ${name} MATCH ''`);
    if (matched?.some((scan) => searchTypeOf(scan) === "fulltext") === true) return "fulltext";
    const vectors = virtualScans(this.#connection, `SELECT distance, k ${from}`);
    return vectors?.length === 1 && vectors[0]!.strategy === VECTOR_SCAN ? "vector" : undefined;
  }
}

const keyOf = (table: string): string => unqualified(table).toLowerCase();

/** Change of the schema that may create or remove an index. */
interface Created {
  readonly name: string;
  /** Undefined for a table that is no index any more, or never was one. */
  readonly type: StorageSearchType | undefined;
}

/** Returns the table in `CREATE VIRTUAL TABLE IF NOT EXISTS main.words_fts USING fts5(…)` or `DROP TABLE words_fts`. */
function createdBy(tokens: readonly Token[]): Created | undefined {
  const [first, second] = tokens;
  if (first?.text === "DROP" && second?.text === "TABLE") return named(tokens.findLast(isName), undefined);
  if (first?.text !== "CREATE" || second?.text !== "VIRTUAL") return undefined;
  const using = tokens.findIndex(({ type, text }) => type === "word" && text === "USING");
  return named(tokens[using - 1], MODULES[tokens[using + 1]?.text ?? ""]);
}

const named = (name: Token | undefined, type: Created["type"]): Created | undefined =>
  isName(name) ? { name: unquoted(name), type } : undefined;
