import type { StorageSearchType } from "../../semconv/index.ts";
import type { SearchIndex } from "../layers/search.ts";
import type { Connection } from "./connection-hooks.ts";
import { isName, nameAt, unqualified, unquoted } from "./full-text.ts";
import { textOf } from "./schema.ts";
import type { Token } from "../sql/tokens.ts";

/** Table function of libsql: `vector_top_k('words_idx', vector('[1, 2]'), 10)`. */
const NEAREST = "VECTOR_TOP_K";

/**
 * Returns the index that a query searches, as its text alone shows. If SQLite can be asked for its plan, only what no plan
 * shows is read from the text.
 */
export function searchedBy(tokens: readonly Token[], connection: Connection): SearchIndex | undefined {
  return nearestBy(tokens) ?? (connection.isAskable ? undefined : matchedBy(tokens, connection));
}

function nearestBy(tokens: readonly Token[]): SearchIndex | undefined {
  const at = tokens.findIndex(
    ({ type, text }, i) => type === "word" && text === NEAREST && tokens[i + 1]?.text === "(",
  );
  const index = at === -1 ? undefined : tokens[at + 2];
  if (index === undefined) return undefined;
  return { type: "vector", name: index.type === "literal" ? textOf(index) : undefined };
}

/** Returns the index of the first `… MATCH …`, or of the first call such as `words_fts('animal')`. */
function matchedBy(tokens: readonly Token[], connection: Connection): SearchIndex | undefined {
  const tables = tablesIn(tokens);
  for (const [at, { type, text }] of tokens.entries()) {
    if (type === "word" && text === "MATCH") return matchedAt(tokens, at, tables, connection);
    const isCalled = tokens[at + 1]?.text === "(" && BEFORE_TABLE.has(tokens[at - 1]?.text ?? "");
    const called = isCalled && isName(tokens[at]) ? unquoted(tokens[at]) : undefined;
    if (called !== undefined && connection.indexes.typeOf(called) === "fulltext")
      return { type: "fulltext", name: called };
  }
  return undefined;
}

/** Returns the index that the operand before a MATCH belongs to; undefined if the text does not show it. */
// oxlint-disable-next-line max-params
function matchedAt(
  tokens: readonly Token[],
  at: number,
  tables: readonly string[],
  { indexes }: Connection,
): SearchIndex | undefined {
  const operand = tokens[at - 1];
  if (!isName(operand)) return undefined;
  const column = unquoted(operand);
  // Only a full-text index has a column of its own name.
  const own = tables.find((table) => table.toLowerCase() === column.toLowerCase());
  if (own !== undefined) return { type: "fulltext", name: own };
  const qualifier = tokens[at - 2]?.text === "." ? tokens[at - 3] : undefined;
  const possible = isName(qualifier) ? [...tablesCalled(unquoted(qualifier), tokens), unquoted(qualifier)] : tables;
  const known = possible.flatMap((name): { type: StorageSearchType; name: string }[] => {
    const type = indexes.typeOf(name);
    return type === undefined ? [] : [{ type, name }];
  });
  return known.length === 1 ? known[0] : undefined;
}

const BEFORE_TABLE: ReadonlySet<string> = new Set(["FROM", "JOIN", ",", ".", "("]);

/** Returns the names that follow FROM or JOIN, or a comma after one of them. */
function tablesIn(tokens: readonly Token[]): string[] {
  const names: string[] = [];
  let isList = false;
  for (const [at, { text }] of tokens.entries()) {
    const before = tokens[at - 1]?.text ?? "";
    if (BEGINS_TABLES.has(before) || (isList && before === ",")) {
      const [name] = nameAt(tokens, at);
      if (name !== undefined) names.push(unqualified(name));
    }
    if (BEGINS_TABLES.has(text)) isList = true;
    else if (ENDS_TABLES.has(text)) isList = false;
  }
  return names;
}

const BEGINS_TABLES: ReadonlySet<string> = new Set(["FROM", "JOIN"]);
const ENDS_TABLES: ReadonlySet<string> = new Set(["WHERE", "ORDER", "GROUP", "LIMIT", "ON", "SELECT"]);

/** Returns the tables with a given alias in a statement: `FROM words_fts AS w`. */
export function tablesCalled(alias: string, tokens: readonly Token[]): string[] {
  return tokens.flatMap((token, at) => {
    if (!isName(token) || unquoted(token).toLowerCase() !== alias.toLowerCase()) return [];
    const end = tokens[at - 1]?.text === "AS" ? at - 2 : at - 1;
    const table = tokens[end];
    return isName(table) && BEFORE_TABLE.has(tokens[end - 1]?.text ?? "") ? unquoted(table) : [];
  });
}
