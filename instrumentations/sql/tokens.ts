/** Type of an SQL token; white space and comments are not tokens. */
type TokenType = "word" | "name" | "literal" | "parameter" | "symbol";

export interface Token {
  readonly type: TokenType;
  /** The source text; a word is in upper case, since keywords are case-insensitive. */
  readonly text: string;
  /** The source text. */
  readonly source: string;
  /** True if white space or a comment precedes it. */
  readonly spaced: boolean;
}

/** What the engines' ideas of a token differ in. */
export interface Dialect {
  /** The token type each ASCII character begins; all other characters begin words. */
  readonly begins: readonly TokenType[];
  /** 1 for an ASCII character that ends a statement, or begins a token or comment that can contain a semicolon. */
  readonly stops: Uint8Array;
  /** True for that of PostgreSQL: strings between dollars and with backslashes, and comments in comments. */
  readonly isPostgres: boolean;
}

/** Creates a dialect from the characters that begin its quoted names, its parameters, and what can contain a semicolon. */
const dialect = (names: RegExp, parameters: RegExp, stops: RegExp): Dialect => {
  const beginsWith = (character: string): TokenType => {
    if (/[A-Za-z_]/.test(character)) return "word";
    if (/[0-9']/.test(character)) return "literal";
    if (names.test(character)) return "name";
    return parameters.test(character) ? "parameter" : "symbol";
  };
  const ascii = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));
  return {
    begins: ascii.map(beginsWith),
    stops: Uint8Array.from(ascii, (character) => (stops.test(character) ? 1 : 0)),
    isPostgres: stops.test("$"),
  };
};

export const SQLITE = dialect(/["`[]/, /[?:@$#]/, /[;'"`[/-]/);
/** That of PostgreSQL and DuckDB, in which `[1, 2]` is a list. */
export const POSTGRES = dialect(/"/, /[?$]/, /[;'"$/-]/);

const brief = (type: TokenType, text: string): Token => ({ type, text, source: text, spaced: false });

/** Placeholders for tokens of which only the type is significant. */
const LITERAL = brief("literal", "?");
const PARAMETER = brief("parameter", "?");
const SYMBOLS: readonly Token[] = Array.from({ length: 128 }, (_, code) => brief("symbol", String.fromCharCode(code)));

const COMMA = SYMBOLS[44];

/**
 * Minimum length of a substring that V8 represents as a slice, which retains the complete string; a shorter one is
 * copied.
 */
const MIN_VIEW = 13;

/** Returns a substring that does not retain the complete text. */
export function pieceOf(text: string, start: number, end: number): string {
  const piece = text.slice(start, end);
  return piece.length < MIN_VIEW || piece.length === text.length ? piece : ` ${piece}`.slice(1);
}

/**
 * Single-pass tokenizer of SQL text. Scanning by character code takes a third of the time of a regular expression over
 * the complete text.
 */
export class TokenReader {
  /** Type of the current token. */
  type: TokenType = "symbol";
  start = 0;
  end = 0;
  spaced = false;
  readonly #sql: string;
  readonly #length: number;
  readonly #dialect: Dialect;

  constructor(sql: string, dialect = SQLITE) {
    this.#sql = sql;
    this.#dialect = dialect;
    // The engines end the text there.
    const end = sql.indexOf("\0");
    this.#length = end === -1 ? sql.length : end;
  }

  /**
   * Advances to the next token.
   * @returns false at the end
   */
  next(): boolean {
    const sql = this.#sql;
    const dialect = this.#dialect;
    const begin = this.end;
    let at = begin;
    for (let gap = endOfGap(sql, at, dialect); gap > at && at < this.#length; gap = endOfGap(sql, at, dialect))
      at = gap;
    this.start = at;
    if (at >= this.#length) {
      this.end = at;
      return false;
    }
    this.spaced = at > begin;
    this.type = typeAt(sql, at, dialect);
    this.end = endOfToken(sql, at, this.type);
    // An unclosed quote extends to the end of the text, whatever it contains.
    if (this.end > this.#length) {
      this.end = this.#length;
      this.type = "literal";
    }
    return true;
  }

  /** Tells whether the current token ends a statement, unless inside a trigger. */
  get isSemicolon(): boolean {
    return this.type === "symbol" && this.#sql.charCodeAt(this.start) === SEMICOLON;
  }

  /** The source text of the current token. */
  get source(): string {
    return pieceOf(this.#sql, this.start, this.end);
  }

  /** Returns the current token. */
  token(): Token {
    const { source } = this;
    const text = this.type === "word" ? source.toUpperCase() : source;
    return { type: this.type, text, source, spaced: this.spaced };
  }

  /**
   * Returns the current token, reduced to its type unless it is a name or keyword: nothing is allocated for lists of
   * values.
   */
  outline(): Token {
    if (this.type === "literal") return LITERAL;
    if (this.type === "parameter") return PARAMETER;
    return this.type === "symbol" ? SYMBOLS[this.#sql.charCodeAt(this.start)]! : this.token();
  }

  /** Skips the rest of the current statement and its semicolon without tokenizing it. */
  skipStatement(): void {
    const sql = this.#sql;
    const { stops } = this.#dialect;
    let at = this.end;
    while (at < this.#length) {
      const code = sql.charCodeAt(at);
      if (code >= 128 || stops[code] === 0) at++;
      else if (code !== SEMICOLON) at = endOfInside(sql, at, this.#dialect);
      else break;
    }
    this.end = Math.min(at + 1, this.#length);
  }
}

/** Returns the tokens of a text, each as it was written. */
export function tokenize(sql: string): Token[] {
  const reader = new TokenReader(sql);
  const tokens: Token[] = [];
  while (reader.next()) tokens.push(reader.token());
  return tokens;
}

const SEMICOLON = 59;

/** Returns the end of the string, quoted name or comment that starts here, or else of the character. */
function endOfInside(sql: string, start: number, dialect: Dialect): number {
  const gap = endOfGap(sql, start, dialect);
  if (gap > start) return gap;
  if (dialect.isPostgres) {
    // Part of a word; the string that it begins has backslashes.
    if (sql.charCodeAt(start) === 36 /* $ */ && isWordPart(sql.charCodeAt(start - 1))) return start + 1;
    if (isEscaped(sql, start - 1) && !isWordPart(sql.charCodeAt(start - 2))) return endOfEscaped(sql, start + 1);
  }
  const type = typeAt(sql, start, dialect);
  return type === "symbol" ? start + 1 : endOfToken(sql, start, type);
}

const BYTE_ORDER_MARK = 0xfeff;

/** Returns the end of the white space or comment that starts here. */
function endOfGap(sql: string, start: number, { isPostgres }: Dialect): number {
  const code = sql.charCodeAt(start);
  if (code <= 32 || code === BYTE_ORDER_MARK) return start + 1;
  if (code === 45 /* - */ && sql.charCodeAt(start + 1) === 45) return after(sql, "\n", start);
  if (code === 47 /* / */ && sql.charCodeAt(start + 1) === 42 /* * */)
    return isPostgres ? endOfNested(sql, start + 2) : after(sql, "*/", start + 2);
  return start;
}

/** Returns the end of a comment that can contain others. */
function endOfNested(sql: string, from: number): number {
  let depth = 1;
  let at = from;
  while (depth > 0) {
    at = sql.indexOf("*", at);
    if (at === -1) return sql.length;
    if (sql.charCodeAt(at + 1) === 47 /* / */) {
      depth--;
      at += 2;
    } else {
      // The star of an opening cannot be that of a closing.
      if (at > from && sql.charCodeAt(at - 1) === 47) depth++;
      at++;
    }
  }
  return at;
}

/** Returns the end of a text that is closed by a mark. Without the mark it extends to the end, whatever it contains. */
function after(sql: string, mark: string, from: number): number {
  const at = sql.indexOf(mark, from);
  return at === -1 ? sql.length : at + mark.length;
}

/**
 * Returns the type of the token: the first character determines it, except for a blob `x'53'`, a number `.5`, and in
 * PostgreSQL strings such as `e'\n'` and `$tag$it's$tag$`.
 */
function typeAt(sql: string, at: number, { begins, isPostgres }: Dialect): TokenType {
  const code = sql.charCodeAt(at);
  const next = sql.charCodeAt(at + 1);
  if ((code | 32) === 120 /* x */ && next === 39 /* ' */) return "literal";
  if (code === 46 /* . */ && isDigit(next)) return "literal";
  if (isPostgres && (isEscaped(sql, at) || (code === 36 /* $ */ && tagAt(sql, at) !== undefined))) return "literal";
  return code < 128 ? begins[code]! : "word";
}

/** Tells whether a string with backslashes starts here. */
const isEscaped = (sql: string, at: number): boolean =>
  (sql.charCodeAt(at) | 32) === 101 /* e */ && sql.charCodeAt(at + 1) === 39;

/** Returns the tag between whose two occurrences a string stands; undefined for a parameter `$1` or `$name`. */
function tagAt(sql: string, at: number): string | undefined {
  let end = at + 1;
  if (isDigit(sql.charCodeAt(end))) return undefined;
  while (sql.charCodeAt(end) !== 36 && isWordPart(sql.charCodeAt(end))) end++;
  return sql.charCodeAt(end) === 36 ? sql.slice(at, end + 1) : undefined;
}

function endOfToken(sql: string, start: number, type: TokenType): number {
  const code = sql.charCodeAt(start);
  switch (type) {
    case "word":
    case "parameter":
      return endOfWord(sql, start + 1);
    case "name":
      return endOfQuoted(sql, start + 1, code === 91 /* [ */ ? 93 : code);
    case "literal":
      return endOfLiteral(sql, start, code);
    case "symbol":
      return start + 1;
  }
}

function endOfLiteral(sql: string, start: number, code: number): number {
  if (code === 39) return endOfQuoted(sql, start + 1, code);
  if (isDigit(code) || code === 46) return endOfNumber(sql, start + 1);
  if (code === 36 /* $ */) {
    const tag = tagAt(sql, start)!;
    const end = sql.indexOf(tag, start + tag.length);
    return end === -1 ? UNCLOSED : end + tag.length;
  }
  return (code | 32) === 101 /* e */ ? endOfEscaped(sql, start + 2) : endOfQuoted(sql, start + 2, 39);
}

/** Returns the end of a string in which a backslash precedes a quote, or a quote is written twice. */
function endOfEscaped(sql: string, from: number): number {
  for (let at = from; at < sql.length; at++) {
    const code = sql.charCodeAt(at);
    if (code === 92 /* \ */) at++;
    else if (code === 39 && sql.charCodeAt(at + 1) === 39) at++;
    else if (code === 39) return at + 1;
  }
  return UNCLOSED;
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** 1 for an ASCII character that continues a word; all other characters continue words. */
const GOES_ON = Uint8Array.from({ length: 128 }, (_, code) => (/[\w$]/.test(String.fromCharCode(code)) ? 1 : 0));

const isWordPart = (code: number): boolean => (code < 128 ? GOES_ON[code] === 1 : code >= 128);

function endOfWord(sql: string, from: number): number {
  let at = from;
  while (isWordPart(sql.charCodeAt(at))) at++;
  return at;
}

/** Returns the end of a number such as `12`, `1.5e-3` or `0xff`. */
function endOfNumber(sql: string, from: number): number {
  let at = from;
  for (;;) {
    const code = sql.charCodeAt(at);
    const signOfExponent =
      (code === 43 || code === 45) && (sql.charCodeAt(at - 1) | 32) === 101 && isDigit(sql.charCodeAt(at + 1));
    if (!isWordPart(code) && code !== 46 && !signOfExponent) return at;
    at++;
  }
}

/** End of a text whose quote is never closed. */
const UNCLOSED = Infinity;

/** Returns the end of a quoted text, in which a quote is written twice. */
function endOfQuoted(sql: string, from: number, quote: number): number {
  let at = from;
  for (;;) {
    const end = sql.indexOf(String.fromCharCode(quote), at);
    if (end === -1) return UNCLOSED;
    if (sql.charCodeAt(end + 1) !== quote || quote === 93) return end + 1;
    at = end + 2;
  }
}

/** Returns the tokens of each statement of a script, without the semicolons between them. */
export function splitStatements(sql: string): Token[][] {
  const reader = new TokenReader(sql);
  const statements: Token[][] = [];
  for (;;) {
    const statement = nextStatement(reader);
    if (statement.length === 0) return statements;
    statements.push(statement);
  }
}

/** Number of tokens that an outline keeps as they were written: the name of a savepoint can be a literal. */
const WRITTEN = 8;

/** Limit up to which a statement is read for its outline. */
interface Limit {
  /** Returns the number of tokens to read, given the first one. */
  readonly tokens: (first: Token) => number;
  /** The index of the last character to read. */
  readonly end: number;
}

const UNLIMITED: Limit = { tokens: () => Infinity, end: Infinity };

/**
 * Returns the tokens of the next statement without the semicolon; none at the end of the text.
 * @param limit set if an outline is sufficient; the text beyond it is skipped
 */
export function nextStatement(reader: TokenReader, limit?: Limit): Token[] {
  const { tokens: most, end } = limit ?? UNLIMITED;
  const tokens: Token[] = [];
  let left = Infinity;
  while (reader.next()) {
    if (reader.isSemicolon && endsStatement(tokens)) {
      if (tokens.length > 0) break;
      continue;
    }
    if (limit === undefined || tokens.length < WRITTEN) tokens.push(reader.token());
    else pushOutline(tokens, reader.outline());
    if (tokens.length === 1) left = most(tokens[0]!);
    if (--left <= 0 || reader.end >= end) {
      skipRest(reader, tokens);
      break;
    }
  }
  return tokens;
}

/** Appends a token to an outline, in which a list of values keeps two of them. */
function pushOutline(tokens: Token[], token: Token): void {
  const last = tokens.length - 1;
  if (isValue(token) && tokens[last] === COMMA && isValue(tokens[last - 1]!)) tokens.length = last;
  else tokens.push(token);
}

const isValue = (token: Token): boolean => token === LITERAL || token === PARAMETER;

function skipRest(reader: TokenReader, tokens: readonly Token[]): void {
  if (!isTrigger(tokens)) return reader.skipStatement();
  let isInner = tokens.at(-1)?.text === ";";
  let isEnded = endsStatement(tokens);
  while (reader.next() && !(reader.isSemicolon && isEnded)) {
    isEnded = isInner && reader.source.toUpperCase() === "END";
    isInner = reader.isSemicolon;
  }
}

/** Tells whether a semicolon ends the statement: inside the body of a trigger only the one after its END does. */
function endsStatement(statement: readonly Token[]): boolean {
  if (!isTrigger(statement)) return true;
  return statement.at(-1)?.text === "END" && statement.at(-2)?.text === ";";
}

function isTrigger([create, second, third]: readonly Token[]): boolean {
  if (create?.text !== "CREATE") return false;
  const object = second?.text === "TEMP" || second?.text === "TEMPORARY" ? third : second;
  return object?.text === "TRIGGER";
}

/** Tokens that precede a name, never a string. */
const BEFORE_NAME: ReadonlySet<string> = new Set([".", "FROM", "JOIN", "INTO", "UPDATE", "AS"]);

/** Tells whether double-quoted text can be a string: SQLite treats it as one if it matches no column. */
function canBeString(statement: readonly Token[], at: number): boolean {
  if (!statement[at]!.source.startsWith('"')) return false;
  return !BEFORE_NAME.has(statement[at - 1]?.text ?? "") && statement[at + 1]?.text !== ".";
}

/**
 * Returns a statement with every literal replaced by `?`, and lists of placeholders truncated.
 * @param areQuotesLiterals called if double-quoted text could be a name or a string
 */
export function withoutLiterals(statement: readonly Token[], areQuotesLiterals: () => boolean): string {
  let text = "";
  for (const [at, { type, source, text: upper, spaced }] of statement.entries()) {
    const isLiteral = type === "literal" || upper === "TRUE" || upper === "FALSE";
    const isHidden = isLiteral || (type === "name" && canBeString(statement, at) && areQuotesLiterals());
    text += `${spaced && text !== "" ? " " : ""}${isHidden ? "?" : source}`;
  }
  return text
    .replace(/\(\s*\?(?:\s*,\s*\?)+\s*\)/g, "(?, ...)")
    .replace(/(\(\?[^()]*\))(?:\s*,\s*\(\?[^()]*\))+/g, "$1, ...");
}
