import type { Token } from "../sql/tokens.ts";

/** Words between a keyword and the table after it. */
const MODIFIERS: ReadonlySet<string> = new Set(["ONLY", "LATERAL"]);
/** Tokens that precede a table. */
const BEFORE_TABLE: ReadonlySet<string> = new Set(["FROM", "JOIN", "USING", "INTO", "UPDATE", ","]);
/** Those of them after which a name with a parenthesis is a function; after the others it is a table with its columns. */
const BEFORE_CALL: ReadonlySet<string> = new Set(["FROM", "JOIN", "USING", ","]);
/** Words that make UPDATE a lock: `FOR NO KEY UPDATE`. */
const BEFORE_LOCK: ReadonlySet<string> = new Set(["FOR", "KEY"]);

/**
 * Returns tokens as the summary of SQLite expects them: with the names that PostgreSQL gives them, and without its own
 * syntax.
 */
export function foldedNames(tokens: readonly Token[]): Token[] {
  const folded: Token[] = [];
  for (const [at, token] of tokens.entries()) {
    const previous = folded.at(-1);
    const next = tokens[at + 1];
    if (isSkipped(token, previous, next)) continue;
    folded.push(isOther(token, previous, next) ? { ...token, type: "symbol" } : lower(token));
  }
  return folded;
}

const lower = (token: Token): Token =>
  token.type === "word" ? { ...token, source: token.source.toLowerCase() } : token;

/** Tells whether a token is no part of a name: the schema that all have, the dot after it, ONLY, LATERAL. */
function isSkipped({ type, text }: Token, previous: Token | undefined, next: Token | undefined): boolean {
  if (text === "PUBLIC" && next?.text === ".") return true;
  if (previous === undefined || !BEFORE_TABLE.has(previous.text)) return false;
  return text === "." || (type === "word" && MODIFIERS.has(text));
}

/** Tells whether a word is not what it is in SQLite: a function in place of a table, or a lock. */
function isOther({ type, text }: Token, previous: Token | undefined, next: Token | undefined): boolean {
  if (type !== "word" && type !== "name") return false;
  if (previous === undefined) return false;
  if (next?.text === "(" && BEFORE_CALL.has(previous.text)) return true;
  return text === "UPDATE" && BEFORE_LOCK.has(previous.text);
}
