import { POSTGRES, TokenReader, type Token } from "../sql/tokens.ts";

/** Placeholders for values, of which nothing but their type is told: without and with white space before. */
const VALUES = [false, true].map((spaced): Token => ({ type: "literal", text: "?", source: "?", spaced }));

const isValue = (token: Token | undefined): boolean => token?.type === "literal";

/** Number of tokens of a statement that are kept: those after them are rows, or text nobody wrote. */
const MAX_TOKENS = 10_000;

/** Yields the tokens of each statement of a script, without the semicolons between them, and of a list of values the first one. */
export function* statementsOf(sql: string): Generator<readonly Token[]> {
  const reader = new TokenReader(sql, POSTGRES);
  let tokens: Token[] = [];
  let depth = 0;
  while (reader.next()) {
    const token = tokenOf(reader);
    if (reader.isSemicolon && depth <= 0 && endsStatement(tokens)) {
      if (tokens.length > 0) yield tokens;
      tokens = [];
      depth = 0;
      continue;
    }
    if (token.type === "symbol") depth += token.text === "(" ? 1 : token.text === ")" ? -1 : 0;
    push(tokens, token);
    if (isAmbiguous(sql, reader)) break;
  }
  if (tokens.length > 0) yield tokens;
}

function tokenOf(reader: TokenReader): Token {
  if (reader.type === "literal" || reader.type === "parameter") return VALUES[reader.spaced ? 1 : 0]!;
  return reader.token();
}

/**
 * Tells whether a backslash precedes the closing quote of a string. Whether it escapes the quote depends on a setting, and on
 * a string before it: everything after it can be a part of it.
 */
const isAmbiguous = (sql: string, { type, end }: TokenReader): boolean =>
  type === "literal" && sql[end - 1] === "'" && sql[end - 2] === "\\";

function push(tokens: Token[], token: Token): void {
  const last = tokens.length - 1;
  if (isValue(token) && tokens[last]?.text === "," && isValue(tokens[last - 1])) tokens.length = last;
  else if (tokens.length < MAX_TOKENS) tokens.push(token);
}

/** Tells whether a semicolon ends the statement: inside of `BEGIN ATOMIC … END`, the one after its end does. */
function endsStatement(tokens: readonly Token[]): boolean {
  if (tokens[0]?.text !== "CREATE") return true;
  const atomic = tokens.findIndex(({ text }, at) => text === "ATOMIC" && tokens[at - 1]?.text === "BEGIN");
  return atomic === -1 || (tokens.at(-1)?.text === "END" && tokens.at(-2)?.text === ";");
}
