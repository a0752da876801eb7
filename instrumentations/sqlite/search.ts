import type { OperationHook } from "../../src/recording/operation-info.ts";
import { IndexUpdate, Search, type SearchIndex } from "../layers/search.ts";
import { BoundedMap } from "../files/bounded-map.ts";
import type { Connection, ConnectionHook } from "./connection-hooks.ts";
import { commandOf, targetOf, unqualified } from "./full-text.ts";
import {
  MAX_ASKED,
  PLANNED_VERBS,
  searchTypeOf,
  virtualScans,
  withoutParameters,
  type VirtualScan,
} from "./query-plan.ts";
import { unwatchSegments, watchSegments } from "./fts-segments.ts";
import { searchedBy, tablesCalled } from "./search-text.ts";
import type { Script, Statement } from "./sql.ts";
import { tokenize, type Token } from "../sql/tokens.ts";

/** Maximum number of query summaries cached per connection. */
const MAX_SUMMARIES = 1_000;
/** Length from which a summary may have been truncated. */
const MAX_SUMMARY = 250;
/** Maximum length of a script in which indexes that it creates are looked for. */
const MAX_SCHEMA = 100_000;

const WRITES: ReadonlySet<string> = new Set(["INSERT", "REPLACE", "UPDATE", "DELETE"]);
const SCHEMA_CHANGES: ReadonlySet<string> = new Set(["CREATE", "DROP", "ALTER", "ATTACH", "DETACH"]);

/** FTS5 commands that change the content of the index. */
const UPDATING_COMMANDS: ReadonlySet<string> = new Set(["delete", "delete-all"]);

/** Searches of a connection, recognised by their query plans. */
export class Searches implements ConnectionHook {
  readonly #connection: Connection;
  /**
   * Summaries of queries without a virtual table in their plan. Planning costs as much as preparing, and queries on the
   * same tables are planned only once.
   */
  #plain = new BoundedMap<string, true>(MAX_SUMMARIES);

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  hookOf(script: Script, sql: string): OperationHook | undefined {
    if (script.parts.some(({ verb }) => SCHEMA_CHANGES.has(verb))) this.#schemaChanges(sql);
    if (script.parts.length !== 1 || sql.length > MAX_ASKED) return undefined;
    const statement = script.parts[0]!;
    if (WRITES.has(statement.verb)) return this.#updateIn(script, statement, sql);
    // The rows of a script are discarded, so a script does not search.
    return PLANNED_VERBS.has(statement.verb) && script.text !== undefined ? this.#searchIn(script, sql) : undefined;
  }

  closed(): void {
    unwatchSegments(this.#connection);
  }

  #schemaChanges(sql: string): void {
    this.#plain = new BoundedMap(MAX_SUMMARIES);
    const { indexes } = this.#connection;
    indexes.forget();
    if (sql.length <= MAX_SCHEMA) indexes.learn(sql);
  }

  #searchIn(script: Script, sql: string): Search | undefined {
    if (this.#isPlain(script, sql)) return undefined;
    const tokens = tokenize(sql);
    const index = searchedBy(tokens, this.#connection) ?? this.#plannedIndex(script, tokens);
    return index && new Search(this.#connection.database, script, index);
  }

  /** Returns the index that SQLite plans to search; undefined if it plans none, or cannot be asked. */
  #plannedIndex(script: Script, tokens: readonly Token[]): SearchIndex | undefined {
    const scans = virtualScans(this.#connection, withoutParameters(tokens));
    if (scans?.length === 0 && script.summary.length < MAX_SUMMARY) this.#plain.set(script.summary, true);
    const scan = scans?.find((each) => searchTypeOf(each) !== undefined);
    return scan && this.#indexOf(scan, tokens);
  }

  /**
   * Tells whether a query is known not to search. A query that contains the word MATCH is planned again: another
   * connection may have replaced a table with an index.
   */
  #isPlain({ summary }: Script, sql: string): boolean {
    return this.#plain.get(summary) === true && !/\bMATCH\b/i.test(sql);
  }

  #indexOf(scan: VirtualScan, tokens: readonly Token[]): SearchIndex {
    const type = searchTypeOf(scan)!;
    const names = [...tablesCalled(scan.table, tokens), scan.table];
    const name = type === "fulltext" ? names.find((each) => this.#connection.indexes.isFullText(each)) : names[0];
    if (name === undefined) return { type, name };
    if (type === "fulltext") watchSegments(this.#connection, unqualified(name));
    return { type, name: unqualified(name) };
  }

  #updateIn(script: Script, { verb, collection }: Statement, sql: string): IndexUpdate | undefined {
    const table = collection ?? targetOf(verb, tokenize(sql));
    const type = table === undefined ? undefined : this.#connection.indexes.typeOf(table);
    if (type === undefined) return undefined;
    const command = verb === "INSERT" || verb === "REPLACE" ? commandOf(tokenize(sql)) : undefined;
    if (command !== undefined && !UPDATING_COMMANDS.has(command)) return undefined;
    const name = unqualified(table!);
    if (type === "fulltext") watchSegments(this.#connection, name);
    return new IndexUpdate(this.#connection.database, script, { type, name });
  }
}
