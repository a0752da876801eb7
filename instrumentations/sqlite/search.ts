import type { OperationHook } from "../../src/recording/operation-info.ts";
import { IndexUpdate, Search, type SearchIndex } from "../layers/search.ts";
import { BoundedMap } from "../files/bounded-map.ts";
import type { Connection, ConnectionHook } from "./connection-hooks.ts";
import { commandOf, FullTextIndexes, isName, targetOf, unqualified, unquoted } from "./full-text.ts";
import {
  MAX_ASKED,
  PLANNED_VERBS,
  searchTypeOf,
  virtualScans,
  withoutParameters,
  type VirtualScan,
} from "./query-plan.ts";
import { unwatchSegments, watchSegments } from "./fts-segments.ts";
import type { Script, Statement } from "./sql.ts";
import { tokenize, type Token } from "../sql/tokens.ts";

/** Maximum number of query summaries cached per connection. */
const MAX_SUMMARIES = 1_000;
/** Length from which a summary may have been truncated. */
const MAX_SUMMARY = 250;

const WRITES: ReadonlySet<string> = new Set(["INSERT", "REPLACE", "UPDATE", "DELETE"]);
const SCHEMA_CHANGES: ReadonlySet<string> = new Set(["CREATE", "DROP", "ALTER", "ATTACH", "DETACH"]);

/** FTS5 commands that change the content of the index. */
const UPDATING_COMMANDS: ReadonlySet<string> = new Set(["delete", "delete-all"]);

/** Searches of a connection, recognised by their query plans. */
export class Searches implements ConnectionHook {
  readonly #connection: Connection;
  readonly #indexes: FullTextIndexes;
  /**
   * Summaries of queries without a virtual table in their plan. Planning costs as much as preparing, and queries on the
   * same tables are planned only once.
   */
  #plain = new BoundedMap<string, true>(MAX_SUMMARIES);

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#indexes = new FullTextIndexes(connection);
  }

  hookOf(script: Script, sql: string): OperationHook | undefined {
    if (script.parts.some(({ verb }) => SCHEMA_CHANGES.has(verb))) this.#forget();
    if (script.parts.length !== 1 || sql.length > MAX_ASKED) return undefined;
    const statement = script.parts[0]!;
    if (WRITES.has(statement.verb)) return this.#updateIn(script, statement, sql);
    // The rows of a script are discarded, so a script does not search.
    return PLANNED_VERBS.has(statement.verb) && script.text !== undefined ? this.#searchIn(script, sql) : undefined;
  }

  closed(): void {
    unwatchSegments(this.#connection);
  }

  #forget(): void {
    this.#plain = new BoundedMap(MAX_SUMMARIES);
    this.#indexes.forget();
  }

  #searchIn(script: Script, sql: string): Search | undefined {
    if (this.#isPlain(script, sql)) return undefined;
    const tokens = tokenize(sql);
    const scans = virtualScans(this.#connection, withoutParameters(tokens));
    if (scans?.length === 0 && script.summary.length < MAX_SUMMARY) this.#plain.set(script.summary, true);
    const scan = scans?.find((each) => searchTypeOf(each) !== undefined);
    return scan && new Search(this.#connection.database, script, this.#indexOf(scan, tokens));
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
    const name = type === "fulltext" ? names.find((each) => this.#indexes.ask(each)) : names[0];
    if (name === undefined) return { type, name };
    if (type === "fulltext") watchSegments(this.#connection, unqualified(name));
    return { type, name: unqualified(name) };
  }

  #updateIn(script: Script, { verb, collection }: Statement, sql: string): IndexUpdate | undefined {
    const table = collection ?? targetOf(verb, tokenize(sql));
    if (table === undefined || !this.#indexes.has(table)) return undefined;
    const command = verb === "INSERT" || verb === "REPLACE" ? commandOf(tokenize(sql)) : undefined;
    if (command !== undefined && !UPDATING_COMMANDS.has(command)) return undefined;
    watchSegments(this.#connection, unqualified(table));
    return new IndexUpdate(this.#connection.database, script, { type: "fulltext", name: unqualified(table) });
  }
}

const BEFORE_TABLE: ReadonlySet<string> = new Set(["FROM", "JOIN", ",", ".", "("]);

/** Returns the tables with a given alias in a statement: `FROM words_fts AS w`. */
function tablesCalled(alias: string, tokens: readonly Token[]): string[] {
  return tokens.flatMap((token, at) => {
    if (!isName(token) || unquoted(token).toLowerCase() !== alias.toLowerCase()) return [];
    const end = tokens[at - 1]?.text === "AS" ? at - 2 : at - 1;
    const table = tokens[end];
    return isName(table) && BEFORE_TABLE.has(tokens[end - 1]?.text ?? "") ? unquoted(table) : [];
  });
}
