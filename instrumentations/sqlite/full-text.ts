import { BoundedMap } from "./bounded-map.ts";
import type { Connection } from "./connection-hooks.ts";
import { searchTypeOf, virtualScans } from "./query-plan.ts";
import type { Token } from "./tokens.ts";

/** Names of tables remembered per connection. */
const MAX_NAMES = 1_000;

/** Which tables of a connection are full-text indexes, by what SQLite would do with a search in them. */
export class FullTextIndexes {
  readonly #connection: Connection;
  #known = new BoundedMap<string, boolean>(MAX_NAMES);

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** @param table its name, possibly qualified */
  has(table: string): boolean {
    return this.#known.get(table) ?? this.ask(table);
  }

  /** The schema may have changed. */
  forget(): void {
    this.#known = new BoundedMap(MAX_NAMES);
  }

  /** Whatever was known before: another connection may have put an index in the place of a table. */
  ask(table: string): boolean {
    const parts = table.split(".").map((part) => `"${part.replaceAll('"', '""')}"`);
    const query = `SELECT 1 FROM ${parts.join(".")}`;
    const scans = virtualScans(this.#connection, query);
    // A table that is not there yet may be an index one day.
    if (scans === undefined) return false;
    return this.#known.set(table, scans.length > 0 && this.#isMatched(`${query} WHERE ${parts.at(-1)!} MATCH ''`));
  }

  /** Only a full-text index has a column of its own name that can be matched. */
  #isMatched(search: string): boolean {
    return virtualScans(this.#connection, search)?.some((scan) => searchTypeOf(scan) === "fulltext") ?? false;
  }
}

/** The name without the schema before it. */
export const unqualified = (table: string): string => table.slice(table.lastIndexOf(".") + 1);

export const isName = (token: Token | undefined): token is Token => token?.type === "word" || token?.type === "name";

/** A quote inside of quotes is written twice. */
export function unquoted({ type, source }: Token): string {
  const quote = source[0]!;
  return type === "word" ? source : source.slice(1, -1).replaceAll(quote + quote, quote);
}

/** The table an INSERT, UPDATE or DELETE changes, possibly qualified. */
export function targetOf(verb: string, tokens: readonly Token[]): string | undefined {
  const [name, at] = nameAt(tokens, targetStart(verb, tokens));
  return at === 0 ? undefined : name;
}

const CONFLICT_CLAUSE = /^(?:OR|ROLLBACK|ABORT|REPLACE|FAIL|IGNORE)$/;

function targetStart(verb: string, tokens: readonly Token[]): number {
  const word = verb === "UPDATE" ? "UPDATE" : verb === "DELETE" ? "FROM" : "INTO";
  const from = verb === "DELETE" ? tokens.findIndex(({ text }) => text === "DELETE") : 0;
  const at = tokens.findIndex(({ type, text }, i) => i >= from && type === "word" && text === word) + 1;
  const clause = tokens.findIndex(({ text }, i) => i >= at && !CONFLICT_CLAUSE.test(text));
  return at === 0 ? -1 : clause;
}

/** The possibly qualified name that starts at a token, and where it ends. */
function nameAt(tokens: readonly Token[], at: number): [name: string | undefined, end: number] {
  const [first, dot, second] = tokens.slice(Math.max(at, 0), at + 3);
  if (at < 0 || !isName(first)) return [undefined, 0];
  if (dot?.text !== "." || !isName(second)) return [unquoted(first), at + 1];
  return [`${unquoted(first)}.${unquoted(second)}`, at + 3];
}

/**
 * The command in `INSERT INTO words_fts(words_fts, …) VALUES('optimize', …)`.
 * @returns undefined for a statement that is no command, "" for a command that is not in the text
 */
export function commandOf(tokens: readonly Token[]): string | undefined {
  const [table, end] = nameAt(tokens, targetStart("INSERT", tokens));
  const column = tokens[end + 1];
  if (table === undefined || tokens[end]?.text !== "(" || !isName(column)) return undefined;
  if (unquoted(column).toLowerCase() !== unqualified(table).toLowerCase()) return undefined;
  const values = tokens.findIndex(({ text }, i) => i > end && text === "VALUES");
  const value = values === -1 ? undefined : tokens[values + 2];
  return value?.type === "literal" ? value.source.slice(1, -1).toLowerCase() : "";
}
