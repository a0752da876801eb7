import type { StorageSearchType } from "../../semconv/index.ts";
import type { Connection } from "./connection-hooks.ts";
import { tokenize, type Token } from "./tokens.ts";

/** Statements that are planned: after the plan of one that changes data, `changes()` would be 0. */
export const PLANNED_VERBS: ReadonlySet<string> = new Set(["SELECT", "VALUES"]);

/** Longer texts are lists of values: SQLite is asked nothing about them, and nothing of interest is looked for in them. */
export const MAX_ASKED = 10_000;

/** A virtual table in the plan of a query. */
export interface VirtualScan {
  /** As the plan names it: by its alias where it has one. */
  readonly table: string;
  /** What its module answers the query by; each module has a notation of its own. */
  readonly strategy: string;
}

/** `SCAN words VIRTUAL TABLE INDEX 0:M1` */
function virtualScan(detail: string): VirtualScan | undefined {
  const from = /^(?:SCAN|SEARCH) /.exec(detail)?.[0].length;
  const at = detail.lastIndexOf(VIRTUAL);
  if (from === undefined || at < from) return undefined;
  const [, strategy] = /^-?\d+:(\S*)/.exec(detail.slice(at + VIRTUAL.length)) ?? [];
  return strategy === undefined ? undefined : { table: detail.slice(from, at), strategy };
}

const VIRTUAL = " VIRTUAL TABLE INDEX ";

/**
 * The virtual tables SQLite would read for a query. Planning runs nothing, reads no page and takes no lock.
 * @returns undefined if SQLite refuses the query
 */
export function virtualScans(connection: Connection, query: string): VirtualScan[] | undefined {
  const rows = planned(connection, query);
  return rows?.flatMap((row) => virtualScan(String(row[3])) ?? []);
}

/**
 * How SQLite would run a statement, a line for each step. Planned without its values, so it is the plan of the
 * prepared statement, whatever was bound to it.
 * @returns undefined if SQLite refuses to plan it at the moment
 */
export function planOf(connection: Connection, sql: string): string[] | undefined {
  const rows = planned(connection, withoutParameters(tokenize(sql)));
  const depths = new Map<unknown, number>();
  return rows?.map(([id, parent, , detail]) => {
    const depth = (depths.get(Number(parent)) ?? -1) + 1;
    depths.set(Number(id), depth);
    // How a module answers a query is its own affair, and could hold a value.
    return "  ".repeat(depth) + String(detail).replace(/(VIRTUAL TABLE INDEX -?\d+):.*/s, "$1");
  });
}

/** To plan a query SQLite runs functions of the application that are deterministic, wherever in a view or index they stand. */
const planned = (connection: Connection, query: string): unknown[][] | undefined =>
  connection.isPlanned() ? connection.query(`EXPLAIN QUERY PLAN ${query}`) : undefined;

/** How the modules write that they answer by search. */
const SEARCHES: readonly (readonly [StorageSearchType, (strategy: string) => boolean])[] = [
  // FTS5: constraints one after the other, among them MATCH (or LIKE or GLOB by trigrams) with the number of its column.
  ["fulltext", (strategy) => /^(?:[MLG]\d+|[r=<>])+$/.test(strategy) && /[MLG]/.test(strategy)],
  // sqlite-vec: "3" is its search for nearest neighbours, followed by a block for each argument.
  ["vector", (strategy) => /^3(?:[^\d\s]...)+$/.test(strategy)],
];

/** The kind of search a virtual table is read by; undefined for any other way to read one. */
export function searchTypeOf({ strategy }: VirtualScan): StorageSearchType | undefined {
  return SEARCHES.find(([, isSearch]) => isSearch(strategy))?.[0];
}

/** A query to be planned: SQLite plans without values, but some bindings do not run anything without. */
export function withoutParameters(tokens: readonly Token[]): string {
  return tokens
    .map(({ type, source, spaced }) => (type === "parameter" ? " NULL " : spaced ? ` ${source}` : source))
    .join("");
}
