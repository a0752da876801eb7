/** What a token of SQL is; white space and comments are none. */
type TokenType = "word" | "name" | "literal" | "parameter" | "symbol";

export interface Token {
  readonly type: TokenType;
  /** As written, but a word in upper case: keywords have no case. */
  readonly text: string;
  /** As written. */
  readonly source: string;
  /** Whether white space or a comment stands before it. */
  readonly spaced: boolean;
}

/** The type of token each ASCII character begins; the others begin words. */
const BEGINS: readonly TokenType[] = Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[A-Za-z_]/.test(character)) return "word";
  if (/[0-9']/.test(character)) return "literal";
  if (/["`[]/.test(character)) return "name";
  if (/[?:@$#]/.test(character)) return "parameter";
  return "symbol";
});

/** Scanning by character code takes a third of what a regular expression over the whole text does. */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  let spaced = false;
  let at = 0;
  while (at < sql.length) {
    const gap = endOfGap(sql, at);
    if (gap > at) {
      spaced = true;
      at = gap;
      continue;
    }
    const type = typeAt(sql, at);
    const end = endOfToken(sql, at, type);
    const source = sql.slice(at, end);
    const text = type === "word" ? source.toUpperCase() : source;
    // Behind a quote that is never closed anything may stand, however it looks.
    tokens.push({ type: end === UNCLOSED ? "literal" : type, text, source, spaced });
    spaced = false;
    at = end;
  }
  return tokens;
}

/** The end of the white space or comment that starts here. */
function endOfGap(sql: string, start: number): number {
  const code = sql.charCodeAt(start);
  if (code <= 32) return start + 1;
  if (code === 45 /* - */ && sql.charCodeAt(start + 1) === 45) return after(sql, "\n", start);
  if (code === 47 /* / */ && sql.charCodeAt(start + 1) === 42 /* * */) return after(sql, "*/", start + 2);
  return start;
}

/** Where a text ends that is closed by a mark: what is never closed extends to the end, however harmless its parts look. */
function after(sql: string, mark: string, from: number): number {
  const at = sql.indexOf(mark, from);
  return at === -1 ? sql.length : at + mark.length;
}

/** The first character tells, but for a blob `x'53'` and a number `.5`. */
function typeAt(sql: string, at: number): TokenType {
  const code = sql.charCodeAt(at);
  const next = sql.charCodeAt(at + 1);
  if ((code | 32) === 120 /* x */ && next === 39 /* ' */) return "literal";
  if (code === 46 /* . */ && isDigit(next)) return "literal";
  return code < 128 ? BEGINS[code]! : "word";
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
      if (code === 39) return endOfQuoted(sql, start + 1, code);
      return isDigit(code) || code === 46 ? endOfNumber(sql, start + 1) : endOfQuoted(sql, start + 2, 39);
    case "symbol":
      return start + 1;
  }
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

const isWordPart = (code: number): boolean =>
  (code >= 97 && code <= 122) ||
  (code >= 65 && code <= 90) ||
  isDigit(code) ||
  code === 95 ||
  code === 36 ||
  code >= 128;

function endOfWord(sql: string, from: number): number {
  let at = from;
  while (isWordPart(sql.charCodeAt(at))) at++;
  return at;
}

/** `12`, `1.5e-3`, `0xff` */
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

/** Where a text ends whose quote is never closed. */
const UNCLOSED = Infinity;

/** A quote inside is written twice. */
function endOfQuoted(sql: string, from: number, quote: number): number {
  let at = from;
  for (;;) {
    const end = sql.indexOf(String.fromCharCode(quote), at);
    if (end === -1) return UNCLOSED;
    if (sql.charCodeAt(end + 1) !== quote || quote === 93) return end + 1;
    at = end + 2;
  }
}

/** The tokens of each statement of a script, without the semicolons between them. */
export function splitStatements(sql: string): Token[][] {
  const statements: Token[][] = [];
  let current: Token[] = [];
  for (const token of tokenize(sql)) {
    if (token.text !== ";" || !endsStatement(current)) {
      current.push(token);
    } else if (current.length > 0) {
      statements.push(current);
      current = [];
    }
  }
  return current.length > 0 ? [...statements, current] : statements;
}

/** Inside the body of a trigger only the semicolon after its END does. */
function endsStatement(statement: readonly Token[]): boolean {
  if (!isTrigger(statement)) return true;
  return statement.at(-1)?.text === "END" && statement.at(-2)?.text === ";";
}

function isTrigger([create, second, third]: readonly Token[]): boolean {
  if (create?.text !== "CREATE") return false;
  const object = second?.text === "TEMP" || second?.text === "TEMPORARY" ? third : second;
  return object?.text === "TRIGGER";
}

/** The statement with every literal replaced by `?`, and lists of placeholders cut short. */
export function withoutLiterals(statement: readonly Token[]): string {
  let text = "";
  for (const { type, source, text: upper, spaced } of statement) {
    const literal = type === "literal" || upper === "TRUE" || upper === "FALSE";
    text += `${spaced && text !== "" ? " " : ""}${literal ? "?" : source}`;
  }
  return text
    .replace(/\(\s*\?(?:\s*,\s*\?)+\s*\)/g, "(?, ...)")
    .replace(/(\(\?[^()]*\))(?:\s*,\s*\(\?[^()]*\))+/g, "$1, ...");
}
