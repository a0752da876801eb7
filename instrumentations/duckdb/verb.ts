import { isQueryVerb } from "../sql/query-summary.ts";
import type { Token } from "../sql/tokens.ts";

/** Verbs of the words that begin a query as SELECT does, as its tables can come first, and of those of DuckDB alone. */
const QUERIES: ReadonlyMap<string, string> = new Map([
  ["FROM", "SELECT"],
  ["TABLE", "SELECT"],
  ["PIVOT", "PIVOT"],
  ["UNPIVOT", "UNPIVOT"],
]);

const verbIn = (word: string): string | undefined => (isQueryVerb(word) ? word : QUERIES.get(word));

/** Returns the verb of a statement: its first word; after WITH, the one that follows the common table expressions. */
export function verbOf(tokens: readonly Token[]): string {
  const first = tokens.find(({ text }) => text !== "(")?.text ?? "";
  if (first !== "WITH") return verbIn(first) ?? first;
  let depth = 0;
  for (const { text } of tokens) {
    if (text === "(") depth++;
    else if (text === ")") depth--;
    const verb = depth === 0 ? verbIn(text) : undefined;
    if (verb !== undefined) return verb;
  }
  return "";
}
