import { pieceOf, type Token } from "../sql/tokens.ts";

type TokenType = Token["type"];

/** Placeholders for values, of which nothing but their type is told: without and with white space before. */
const VALUES = [false, true].map((spaced): Token => ({ type: "literal", text: "?", source: "?", spaced }));

const WORD_START = /[A-Za-z_\u0080-\uffff]/;
const WORD = /[\w$\u0080-\uffff]*/y;
/** Number, with what follows it without a space: PostgreSQL refuses that, and it must not become a word. */
const NUMBER = /(?:[eE][+-]?\d|[\w.$\u0080-\uffff])*/y;
const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
const DIGITS = /\d+/y;
const GAP = /[\s\ufeff]+|--[^\n]*/y;
const COMMENT_MARK = /\/\*|\*\//g;

/** Returns the end of a match that starts at an index; the index if there is none. */
function endOf(pattern: RegExp, sql: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(sql) ? pattern.lastIndex : at;
}

/** Returns the end of a comment, which may contain others. One that is not closed extends to the end of the text. */
function endOfComment(sql: string, start: number): number {
  let depth = 0;
  COMMENT_MARK.lastIndex = start;
  for (let mark = COMMENT_MARK.exec(sql); mark !== null; mark = COMMENT_MARK.exec(sql)) {
    depth += mark[0] === "/*" ? 1 : -1;
    if (depth === 0) return COMMENT_MARK.lastIndex;
  }
  return sql.length;
}

/** Returns the index after the closing quote, which is written twice inside; -1 if it is not closed. */
function endOfQuoted(sql: string, from: number, quote: string): number {
  let at = from;
  for (;;) {
    const end = sql.indexOf(quote, at);
    if (end === -1) return -1;
    if (sql[end + 1] !== quote) return end + 1;
    at = end + 2;
  }
}

/** Returns the index after the closing quote of a string in which a backslash escapes. */
function endOfEscaped(sql: string, from: number): number {
  let at = from;
  while (at < sql.length) {
    const character = sql[at];
    if (character === "\\") at += 2;
    else if (character !== "'") at++;
    else if (sql[at + 1] === "'") at += 2;
    else return at + 1;
  }
  return sql.length;
}

/**
 * Returns the end of a string whose quote is at an index. Whether a backslash escapes its closing quote depends on a
 * setting, and on a string before it: everything after such a string counts as a part of it.
 */
function endOfString(sql: string, quote: number): number {
  const end = endOfQuoted(sql, quote + 1, "'");
  return end === -1 || sql[end - 2] === "\\" ? sql.length : end;
}

/** Reader of the tokens of a text in the dialect of PostgreSQL, in time linear to its length. */
export class TokenReader {
  readonly #sql: string;
  #at = 0;

  constructor(sql: string) {
    // PostgreSQL ends the text there.
    const end = sql.indexOf("\0");
    this.#sql = end === -1 ? sql : sql.slice(0, end);
  }

  /** Returns the next token; undefined at the end. Of values, only the type is told. */
  next(): Token | undefined {
    const sql = this.#sql;
    const begin = this.#at;
    const start = this.#endOfGap();
    if (start >= sql.length) return undefined;
    const [type, end] = this.#read(start);
    this.#at = end;
    if (type === "literal" || type === "parameter") return VALUES[start > begin ? 1 : 0];
    const source = pieceOf(sql, start, end);
    return { type, text: type === "word" ? source.toUpperCase() : source, source, spaced: start > begin };
  }

  #endOfGap(): number {
    const sql = this.#sql;
    let at = this.#at;
    for (;;) {
      const end = sql.startsWith("/*", at) ? endOfComment(sql, at) : endOf(GAP, sql, at);
      if (end === at) return at;
      at = end;
    }
  }

  #read(start: number): [type: TokenType, end: number] {
    const sql = this.#sql;
    const first = sql[start]!;
    if (first === "'") return ["literal", endOfString(sql, start)];
    if (first === '"') return this.#quoted(start + 1, "name");
    if (first === "$") return this.#dollar(start);
    if (isDigit(first) || (first === "." && isDigit(sql[start + 1]))) return ["literal", endOf(NUMBER, sql, start + 1)];
    if (!WORD_START.test(first)) return ["symbol", start + 1];
    return this.#prefixed(start, first.toUpperCase()) ?? ["word", endOf(WORD, sql, start)];
  }

  /** Reads `E'…'`, `B'…'`, `X'…'`, `N'…'`, `U&'…'` and `U&"…"`. */
  #prefixed(start: number, prefix: string): [type: TokenType, end: number] | undefined {
    const sql = this.#sql;
    if (prefix === "U" && sql[start + 1] === "&") {
      if (sql[start + 2] === "'") return ["literal", endOfString(sql, start + 2)];
      // Its escapes are not decoded, so that it is not a name.
      return sql[start + 2] === '"' ? this.#quoted(start + 3, "literal") : undefined;
    }
    if (sql[start + 1] !== "'") return undefined;
    if (prefix === "E") return ["literal", endOfEscaped(sql, start + 2)];
    return /[BXN]/.test(prefix) ? ["literal", endOfString(sql, start + 1)] : undefined;
  }

  /** Reads a quoted name. One that is not closed extends to the end of the text, whatever it contains. */
  #quoted(from: number, type: TokenType): [type: TokenType, end: number] {
    const end = endOfQuoted(this.#sql, from, '"');
    return end === -1 ? ["literal", this.#sql.length] : [type, end];
  }

  /** Reads `$1`, `$$…$$` or `$tag$…$tag$`. */
  #dollar(start: number): [type: TokenType, end: number] {
    const sql = this.#sql;
    const open = endOf(DOLLAR_TAG, sql, start);
    if (open === start) {
      const end = endOf(DIGITS, sql, start + 1);
      return end === start + 1 ? ["symbol", end] : ["parameter", end];
    }
    const close = sql.indexOf(sql.slice(start, open), open);
    return ["literal", close === -1 ? sql.length : close + open - start];
  }
}

const isDigit = (character: string | undefined): boolean =>
  character !== undefined && character >= "0" && character <= "9";

const isValue = (token: Token | undefined): boolean => token?.type === "literal";

/** Returns the tokens of the next statement without the semicolon, and of a list of values the first one; none at the end. */
export function nextStatement(reader: TokenReader): Token[] {
  const tokens: Token[] = [];
  let depth = 0;
  for (let token = reader.next(); token !== undefined; token = reader.next()) {
    if (token.text === ";" && token.type === "symbol" && depth <= 0 && endsStatement(tokens)) {
      if (tokens.length > 0) return tokens;
      continue;
    }
    if (token.type === "symbol") depth += token.text === "(" ? 1 : token.text === ")" ? -1 : 0;
    push(tokens, token);
  }
  return tokens;
}

/** Number of tokens of a statement that are kept: those after them are rows, or text nobody wrote. */
const MAX_TOKENS = 10_000;

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
