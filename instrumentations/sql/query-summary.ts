import { stableName } from "./stable-name.ts";
import type { Token } from "./tokens.ts";

const OPERATIONS: ReadonlySet<string> = new Set(["SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "VALUES", "MERGE"]);

export const isQueryVerb = (word: string): boolean => OPERATIONS.has(word);

/** Words that precede the name of a table. */
const BEFORE_TABLE: ReadonlySet<string> = new Set(["FROM", "JOIN", "INTO", "UPDATE", "USING"]);
/** Those that precede a list of tables. */
const BEFORE_TABLES: ReadonlySet<string> = new Set(["FROM", "JOIN", "USING"]);
/** Words that can stand between UPDATE and its table. */
const CONFLICT_CLAUSE: ReadonlySet<string> = new Set(["OR", "ROLLBACK", "ABORT", "REPLACE", "FAIL", "IGNORE"]);

/** Operations and targets of a statement: its `db.query.summary`. */
export interface Summary {
  readonly summary: string;
  readonly tables: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();

/** Lists operations and tables in the order of the statement: `INSERT archive SELECT words`. */
export function summariseQuery(tokens: readonly Token[], verb: string): Summary {
  const parts: string[] = verb === "EXPLAIN" ? ["EXPLAIN"] : [];
  const tables = new Set<string>();
  const expressions = commonTableExpressions(tokens);
  const lists = new TableLists();
  for (let at = 0; at < tokens.length; at++) {
    const { type, text } = tokens[at]!;
    // Most tokens are neither keywords nor part of a list of tables.
    if (type === "word" ? !KEYWORDS.has(text) : type !== "symbol") continue;
    if (isOperation(tokens, at)) parts.push(text);
    if (!lists.isBeforeTable(tokens, at)) continue;
    const name = nameAt(tokens, afterConflictClause(tokens, at + 1));
    if (name === undefined || expressions.has(name)) continue;
    parts.push(stableName(name));
    tables.add(name);
  }
  return { summary: parts.join(" "), tables };
}

function afterConflictClause(tokens: readonly Token[], from: number): number {
  let at = from;
  while (CONFLICT_CLAUSE.has(tokens[at]?.text ?? "")) at++;
  return at;
}

/** Words after which a comma no longer separates tables. */
const AFTER_TABLES: ReadonlySet<string> = new Set([
  "SELECT",
  "WHERE",
  "GROUP",
  "HAVING",
  "WINDOW",
  "ORDER",
  "LIMIT",
  "UNION",
  "SET",
  "RETURNING",
  "QUALIFY",
]);

/** Words that are significant in a query. */
const KEYWORDS: ReadonlySet<string> = new Set([...OPERATIONS, ...BEFORE_TABLE, ...AFTER_TABLES]);

/** Functions of standard SQL whose arguments FROM separates: `extract(year FROM day)`. */
const SEPARATED: ReadonlySet<string> = new Set(["EXTRACT", "SUBSTRING", "TRIM", "OVERLAY"]);

/** Tracker of a statement's lists of tables, including those of nested subqueries. */
class TableLists {
  /** For each open parenthesis, true while inside a list of tables. */
  readonly #open = [false];
  /** For each open parenthesis, true if it is that of a function in which FROM separates arguments. */
  readonly #separated = [false];

  /** Tells whether a table name follows this token; must be called for each token in order. */
  isBeforeTable(tokens: readonly Token[], at: number): boolean {
    const { type, text } = tokens[at]!;
    const depth = this.#open.length - 1;
    if (text === "(") this.#enter(tokens[at - 1]);
    else if (text === ")" && depth > 0) this.#leave();
    else if (text === ",") return this.#open[depth]!;
    return type === "word" && this.#isWordBeforeTable(tokens, at, depth);
  }

  #isWordBeforeTable(tokens: readonly Token[], at: number, depth: number): boolean {
    const { text } = tokens[at]!;
    if (AFTER_TABLES.has(text)) this.#open[depth] = false;
    if (!BEFORE_TABLE.has(text) || isOtherUse(tokens, at)) return false;
    if (!BEFORE_TABLES.has(text)) return true;
    // FROM separates the arguments of a function.
    if (this.#separated[depth]! && text === "FROM") return false;
    return (this.#open[depth] = true);
  }

  #enter(before: Token | undefined): void {
    this.#open.push(false);
    this.#separated.push(SEPARATED.has(before?.text ?? ""));
  }

  #leave(): void {
    this.#open.pop();
    this.#separated.pop();
  }
}

/**
 * Tells whether a token is an operation: REPLACE is also a function and a conflict clause, and UPDATE, like the others,
 * also the action of an upsert or a MERGE.
 */
function isOperation(tokens: readonly Token[], at: number): boolean {
  const { type, text } = tokens[at]!;
  if (type !== "word" || !OPERATIONS.has(text)) return false;
  // Elsewhere it lists the rows of an INSERT.
  if (text === "VALUES") return at === 0;
  const before = tokens[at - 1]?.text;
  if (text === "REPLACE") return tokens[at + 1]?.text !== "(" && before !== "OR";
  if (text === "MERGE") return tokens[at + 1]?.text === "INTO";
  return before !== "THEN" && (text !== "UPDATE" || before !== "DO");
}

/** Tells whether a keyword has another meaning: UPDATE in an upsert, `IS DISTINCT FROM`, `USING SAMPLE`. */
function isOtherUse(tokens: readonly Token[], at: number): boolean {
  const [before, { text }] = [tokens[at - 1]?.text, tokens[at]!];
  if (text === "UPDATE") return before === "DO" || before === "THEN";
  if (text === "USING") return tokens[at + 1]?.text === "SAMPLE";
  return text === "FROM" && before === "DISTINCT";
}

const isName = (token: Token | undefined): token is Token => token?.type === "word" || token?.type === "name";

/**
 * Returns the possibly qualified name that starts at a token. A table has one name, with or without the schema `main`.
 */
export function nameAt(tokens: readonly Token[], from: number): string | undefined {
  const names: string[] = [];
  for (let at = from; ; at += 2) {
    const token = tokens[at];
    // SQLite accepts a string as a name here; it is treated as a string.
    if (!isName(token)) return undefined;
    const name = unquote(token);
    if (tokens[at + 1]?.text !== ".") return [...names, name].join(".");
    if (name.toLowerCase() !== "main") names.push(name);
  }
}

/** Returns the content of a quoted token, in which a quote is written twice. */
function unquote({ type, source }: Token): string {
  if (type !== "name") return source;
  const quote = source[0]!;
  return source.slice(1, -1).replaceAll(quote + quote, quote);
}

/** Returns the names that refer to a query of the statement itself, not to a table. */
function commonTableExpressions(tokens: readonly Token[]): ReadonlySet<string> {
  if (!tokens.some(({ text }) => text === "WITH")) return NONE;
  const ends = tokens.flatMap((token, at) =>
    token.text === "AS" && QUERY_BEGINS.has(tokens[at + 1]?.text ?? "") ? [at - 1] : [],
  );
  return new Set(
    ends
      .map((end) => tokens[beforeColumns(tokens, end)])
      .filter((name) => name !== undefined)
      .map(unquote),
  );
}

/** Tokens that follow the AS of a common table expression. */
const QUERY_BEGINS: ReadonlySet<string> = new Set(["(", "MATERIALIZED", "NOT"]);

/** Skips the list of columns between a name and its AS, if any. */
function beforeColumns(tokens: readonly Token[], end: number): number {
  if (tokens[end]?.text !== ")") return end;
  let opening = end;
  while (opening >= 0 && tokens[opening]!.text !== "(") opening--;
  return opening - 1;
}
