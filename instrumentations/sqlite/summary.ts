import { PRAGMAS, stableName } from "./names.ts";
import type { Token } from "./tokens.ts";

const OPERATIONS: ReadonlySet<string> = new Set(["SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "VALUES"]);

export const isQueryVerb = (word: string): boolean => OPERATIONS.has(word);

/** Words that precede the name of a table. */
const BEFORE_TABLE: ReadonlySet<string> = new Set(["FROM", "JOIN", "INTO", "UPDATE"]);
/** Words that can stand between UPDATE and its table. */
const CONFLICT_CLAUSE: ReadonlySet<string> = new Set(["OR", "ROLLBACK", "ABORT", "REPLACE", "FAIL", "IGNORE"]);

/** Operations and targets of a statement: its `db.query.summary`. */
interface Summary {
  readonly summary: string;
  readonly tables: ReadonlySet<string>;
}

type Summarise = (tokens: readonly Token[], verb: string) => Summary;

/** Summarisers of statements whose verb is not sufficient. */
const SUMMARIES: Readonly<Record<string, Summarise>> = {
  CREATE: summariseSchema,
  DROP: summariseSchema,
  ALTER: summariseSchema,
  BEGIN: summariseControl,
  ROLLBACK: summariseControl,
  PRAGMA: summarisePragma,
  EXPLAIN: summariseQuery,
};

/**
 * Summarises a statement.
 * @param verb the keyword of its operation, which need not be its first
 */
export function summarise(verb: string, tokens: readonly Token[]): Summary {
  const summary = isQueryVerb(verb) ? summariseQuery : SUMMARIES[verb];
  return summary?.(tokens, verb) ?? { summary: verb, tables: NONE };
}

const NONE: ReadonlySet<string> = new Set();

const CONTROL_WORDS: ReadonlySet<string> = new Set(["BEGIN", "DEFERRED", "IMMEDIATE", "EXCLUSIVE", "ROLLBACK", "TO"]);

function summariseControl(tokens: readonly Token[]): Summary {
  const words = tokens.map(({ text }) => text).filter((text) => CONTROL_WORDS.has(text));
  return { summary: words.join(" "), tables: NONE };
}

/** Summarises `PRAGMA main.cache_size = 100` as `PRAGMA cache_size`. */
function summarisePragma(tokens: readonly Token[]): Summary {
  const name = nameAt(tokens, tokens[2]?.text === "." ? 3 : 1)?.toLowerCase();
  return { summary: name !== undefined && PRAGMAS.has(name) ? `PRAGMA ${name}` : "PRAGMA", tables: NONE };
}

const SCHEMA_OBJECTS: ReadonlySet<string> = new Set(["TABLE", "INDEX", "VIEW", "TRIGGER"]);

/** Summarises `CREATE UNIQUE INDEX by_word ON words` as `CREATE INDEX`: each object of a schema is created once. */
function summariseSchema(tokens: readonly Token[], verb: string): Summary {
  const object = tokens.find(({ text }) => SCHEMA_OBJECTS.has(text));
  return { summary: object === undefined ? verb : `${verb} ${object.text}`, tables: NONE };
}

/** Lists operations and tables in the order of the statement: `INSERT archive SELECT words`. */
function summariseQuery(tokens: readonly Token[], verb: string): Summary {
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
]);

/** Words that are significant in a query. */
const KEYWORDS: ReadonlySet<string> = new Set([...OPERATIONS, ...BEFORE_TABLE, ...AFTER_TABLES]);

/** Tracker of a statement's lists of tables, including those of nested subqueries. */
class TableLists {
  /** For each open parenthesis, true while inside a list of tables. */
  readonly #open = [false];

  /** Tells whether a table name follows this token; must be called for each token in order. */
  isBeforeTable(tokens: readonly Token[], at: number): boolean {
    const { type, text } = tokens[at]!;
    const depth = this.#open.length - 1;
    if (text === "(") this.#open.push(false);
    else if (text === ")" && depth > 0) this.#open.pop();
    else if (text === ",") return this.#open[depth]!;
    if (type !== "word") return false;
    if (AFTER_TABLES.has(text)) this.#open[depth] = false;
    if (!BEFORE_TABLE.has(text) || isOtherUse(tokens, at)) return false;
    if (text === "FROM" || text === "JOIN") this.#open[depth] = true;
    return true;
  }
}

/**
 * Tells whether a token is an operation: REPLACE is also a function and a conflict clause, UPDATE also the action of an
 * upsert.
 */
function isOperation(tokens: readonly Token[], at: number): boolean {
  const { type, text } = tokens[at]!;
  if (type !== "word" || !OPERATIONS.has(text)) return false;
  // Elsewhere it lists the rows of an INSERT.
  if (text === "VALUES") return at === 0;
  const before = tokens[at - 1]?.text;
  if (text === "REPLACE") return tokens[at + 1]?.text !== "(" && before !== "OR";
  return text !== "UPDATE" || before !== "DO";
}

/** Tells whether a keyword has another meaning: UPDATE in an upsert, `IS DISTINCT FROM`. */
function isOtherUse(tokens: readonly Token[], at: number): boolean {
  const [before, { text }] = [tokens[at - 1]?.text, tokens[at]!];
  return (text === "UPDATE" && before === "DO") || (text === "FROM" && before === "DISTINCT");
}

const isName = (token: Token | undefined): token is Token => token?.type === "word" || token?.type === "name";

/** Returns the possibly qualified name that starts at a token. */
function nameAt(tokens: readonly Token[], at: number): string | undefined {
  const first = tokens[at];
  if (!isName(first)) return undefined;
  if (tokens[at + 1]?.text !== ".") return unquote(first);
  const second = tokens[at + 2];
  // SQLite accepts a string as a name here; it is treated as a string.
  if (!isName(second)) return undefined;
  const schema = unquote(first);
  // A table has one name, with or without its schema.
  return schema.toLowerCase() === "main" ? unquote(second) : `${schema}.${unquote(second)}`;
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
