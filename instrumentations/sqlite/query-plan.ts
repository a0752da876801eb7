import type { StorageSearchType } from "../../semconv/index.ts";
import type { Queries } from "./queries.ts";
import { tokenize, type Token } from "../sql/tokens.ts";

/**
 * Verbs of statements that may be planned: after planning a statement that changes data, `changes()` would return 0.
 */
export const PLANNED_VERBS: ReadonlySet<string> = new Set(["SELECT", "VALUES"]);

/** Maximum length of a text that SQLite is asked about and that is searched; longer texts are lists of values. */
export const MAX_ASKED = 10_000;

/** Virtual table in a query plan. */
export interface VirtualScan {
  /** The name in the plan: the alias, if there is one. */
  readonly table: string;
  /** The strategy with which the module answers the query; each module has a notation of its own. */
  readonly strategy: string;
}

/** Parses a step such as `SCAN words VIRTUAL TABLE INDEX 0:M1`. */
function virtualScan(detail: string): VirtualScan | undefined {
  const from = /^(?:SCAN|SEARCH) /.exec(detail)?.[0].length;
  const at = detail.lastIndexOf(VIRTUAL);
  if (from === undefined || at < from) return undefined;
  const [, strategy] = /^-?\d+:(\S*)/.exec(detail.slice(at + VIRTUAL.length)) ?? [];
  return strategy === undefined ? undefined : { table: detail.slice(from, at), strategy };
}

const VIRTUAL = " VIRTUAL TABLE INDEX ";

/**
 * Returns the virtual tables SQLite would read for a query. Planning executes nothing, reads no page and takes no lock.
 * @returns undefined if SQLite refuses the query
 */
export function virtualScans(connection: Queries, query: string): VirtualScan[] | undefined {
  const rows = planned(connection, query);
  return rows?.flatMap((row) => virtualScan(String(row[3])) ?? []);
}

/**
 * Returns the plan of a statement, one line per step. It is planned without values, so it is the plan of the prepared
 * statement, independent of bound values.
 * @returns undefined if SQLite refuses to plan it at the moment
 */
export function planOf(connection: Queries, sql: string): string[] | undefined {
  const rows = planned(connection, withoutParameters(tokenize(sql)));
  const depths = new Map<unknown, number>();
  return rows?.map(([id, parent, , detail]) => {
    const depth = (depths.get(Number(parent)) ?? -1) + 1;
    depths.set(Number(id), depth);
    // The strategy is specific to the module, and could contain a value.
    return "  ".repeat(depth) + String(detail).replace(/(VIRTUAL TABLE INDEX -?\d+):.*/s, "$1");
  });
}

/**
 * Plans a query, if permitted: SQLite runs deterministic functions of the application to plan a query, wherever they
 * occur in a view or index.
 */
const planned = (connection: Queries, query: string): unknown[][] | undefined =>
  connection.isPlanned() ? connection.query(`EXPLAIN QUERY PLAN ${query}`) : undefined;

/** Notations of the modules for a search. */
const SEARCHES: readonly (readonly [StorageSearchType, (strategy: string) => boolean])[] = [
  // FTS5: a sequence of constraints, among them MATCH (or LIKE or GLOB by trigrams) with its column number.
  ["fulltext", (strategy) => /^(?:[MLG]\d+|[r=<>])+$/.test(strategy) && /[MLG]/.test(strategy)],
  // sqlite-vec: "3" is its nearest-neighbour search, followed by a block for each argument.
  ["vector", (strategy) => /^3(?:[^\d\s]...)+$/.test(strategy)],
];

/** Returns the kind of search that reads a virtual table; undefined if the table is not searched. */
export function searchTypeOf({ strategy }: VirtualScan): StorageSearchType | undefined {
  return SEARCHES.find(([, isSearch]) => isSearch(strategy))?.[0];
}

/**
 * Returns a query without parameters: SQLite plans without values, but some bindings refuse to run a query without
 * them.
 */
export function withoutParameters(tokens: readonly Token[]): string {
  return tokens
    .map(({ type, source, spaced }) => (type === "parameter" ? " NULL " : spaced ? ` ${source}` : source))
    .join("");
}
