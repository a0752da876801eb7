import { isQueryVerb } from "../sql/query-summary.ts";
import type { Token } from "../sql/tokens.ts";

/** Words that begin a query as SELECT does: its tables can come first. */
const QUERIES: ReadonlySet<string> = new Set(["FROM", "TABLE"]);

/** Words that begin a statement whose verb is not the first word. */
const PREFIXES: ReadonlySet<string> = new Set(["WITH", "("]);

/** Returns the verb of a statement: its first word; after WITH, the one that follows the common table expressions. */
export function verbOf(tokens: readonly Token[]): string {
  const first = tokens.find(({ text }) => text !== "(")?.text ?? "";
  if (QUERIES.has(first)) return "SELECT";
  if (!PREFIXES.has(first)) return first;
  let depth = 0;
  for (const { text } of tokens) {
    if (text === "(") depth++;
    else if (text === ")") depth--;
    else if (depth === 0 && isQueryVerb(text)) return text;
    else if (depth === 0 && QUERIES.has(text)) return "SELECT";
    else if (depth === 0 && (text === "PIVOT" || text === "UNPIVOT")) return text;
  }
  return "";
}
