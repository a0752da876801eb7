import type { Token } from "../sql/tokens.ts";

/** Removes the schema from a qualified name. */
export const unqualified = (table: string): string => table.slice(table.lastIndexOf(".") + 1);

export const isName = (token: Token | undefined): token is Token => token?.type === "word" || token?.type === "name";

/** Returns the content of a quoted token, in which a quote is written twice. */
export function unquoted({ type, source }: Token): string {
  const quote = source[0]!;
  return type === "word" ? source : source.slice(1, -1).replaceAll(quote + quote, quote);
}

/** Returns the possibly qualified table that an INSERT, UPDATE or DELETE changes. */
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

/** Returns the possibly qualified name that starts at a token, and the index of its end. */
export function nameAt(tokens: readonly Token[], at: number): [name: string | undefined, end: number] {
  const [first, dot, second] = tokens.slice(Math.max(at, 0), at + 3);
  if (at < 0 || !isName(first)) return [undefined, 0];
  if (dot?.text !== "." || !isName(second)) return [unquoted(first), at + 1];
  return [`${unquoted(first)}.${unquoted(second)}`, at + 3];
}

/**
 * Returns the command in `INSERT INTO words_fts(words_fts, …) VALUES('optimize', …)`.
 * @returns undefined for a statement that is not a command, "" for a command that is not in the text
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
