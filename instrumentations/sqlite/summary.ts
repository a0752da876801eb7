import type { Token } from "./tokens.ts";

const OPERATIONS: ReadonlySet<string> = new Set(["SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "VALUES"]);

export const isQueryVerb = (word: string): boolean => OPERATIONS.has(word);

/** The words a table's name follows. */
const BEFORE_TABLE: ReadonlySet<string> = new Set(["FROM", "JOIN", "INTO", "UPDATE"]);
/** The words that can stand between UPDATE and its table. */
const CONFLICT_CLAUSE: ReadonlySet<string> = new Set(["OR", "ROLLBACK", "ABORT", "REPLACE", "FAIL", "IGNORE"]);

/** What a statement does and to what: its `db.query.summary`. */
interface Summary {
  readonly summary: string;
  readonly tables: ReadonlySet<string>;
}

type Summarise = (tokens: readonly Token[], verb: string) => Summary;

/** How the statements are summarised that do more than their verb says. */
const SUMMARIES: Readonly<Record<string, Summarise>> = {
  CREATE: summariseSchema,
  DROP: summariseSchema,
  ALTER: summariseSchema,
  BEGIN: summariseControl,
  ROLLBACK: summariseControl,
  PRAGMA: summarisePragma,
  EXPLAIN: summariseQuery,
};

/** @param verb the keyword of what the statement does, which need not be its first */
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

/** `PRAGMA main.cache_size = 100` → `PRAGMA cache_size` */
function summarisePragma(tokens: readonly Token[]): Summary {
  const name = nameAt(tokens, tokens[2]?.text === "." ? 3 : 1)?.name;
  return { summary: name === undefined ? "PRAGMA" : `PRAGMA ${name}`, tables: NONE };
}

const SCHEMA_OBJECTS: ReadonlySet<string> = new Set(["TABLE", "INDEX", "VIEW", "TRIGGER"]);

/** `CREATE VIRTUAL TABLE IF NOT EXISTS words_fts` → `CREATE TABLE words_fts` */
function summariseSchema(tokens: readonly Token[], verb: string): Summary {
  const at = tokens.findIndex(({ text }) => SCHEMA_OBJECTS.has(text));
  if (at === -1) return { summary: verb, tables: NONE };
  const skipped = tokens.slice(at + 1).findIndex(({ text }) => text !== "IF" && text !== "NOT" && text !== "EXISTS");
  const object = nameAt(tokens, at + 1 + skipped)?.name;
  const summary = [verb, tokens[at]!.text, object].filter((part) => part !== undefined).join(" ");
  return { summary, tables: tokens[at]!.text === "TABLE" && object !== undefined ? new Set([object]) : NONE };
}

/** Operations and tables in the order of the statement: `INSERT archive SELECT words`. */
function summariseQuery(tokens: readonly Token[], verb: string): Summary {
  const parts: string[] = verb === "EXPLAIN" ? ["EXPLAIN"] : [];
  const tables = new Set<string>();
  const expressions = commonTableExpressions(tokens);
  let at = 0;
  while (at < tokens.length) {
    const { type, text } = tokens[at]!;
    if (type === "word" && isOperation(tokens, at)) parts.push(text);
    at++;
    if (type !== "word" || !isBeforeTable(tokens, at - 1)) continue;
    while (CONFLICT_CLAUSE.has(tokens[at]?.text ?? "")) at++;
    for (let named = nameAt(tokens, at); named !== undefined; named = nextInList(tokens, named.end)) {
      at = named.end;
      if (expressions.has(named.name)) continue;
      parts.push(named.name);
      tables.add(named.name);
    }
  }
  return { summary: parts.join(" "), tables };
}

/** REPLACE is also a function and a conflict clause, UPDATE also what an upsert does. */
function isOperation(tokens: readonly Token[], at: number): boolean {
  const { text } = tokens[at]!;
  if (!OPERATIONS.has(text) || text === "VALUES") return false;
  const before = tokens[at - 1]?.text;
  if (text === "REPLACE") return tokens[at + 1]?.text !== "(" && before !== "OR";
  return text !== "UPDATE" || before !== "DO";
}

function isBeforeTable(tokens: readonly Token[], at: number): boolean {
  const { text } = tokens[at]!;
  if (!BEFORE_TABLE.has(text)) return false;
  const before = tokens[at - 1]?.text;
  return !(text === "UPDATE" && before === "DO") && !(text === "FROM" && before === "DISTINCT");
}

interface Named {
  readonly name: string;
  /** Index of the token after the name. */
  readonly end: number;
}

/** The possibly qualified name that starts at a token. */
function nameAt(tokens: readonly Token[], at: number): Named | undefined {
  const first = tokens[at];
  if (first === undefined || (first.type !== "word" && first.type !== "name")) return undefined;
  if (tokens[at + 1]?.text !== "." || tokens[at + 2] === undefined) return { name: unquote(first), end: at + 1 };
  return { name: `${unquote(first)}.${unquote(tokens[at + 2]!)}`, end: at + 3 };
}

/** The next table of `FROM a AS x, b`. */
function nextInList(tokens: readonly Token[], at: number): Named | undefined {
  let comma = at;
  if (tokens[comma]?.text === "AS") comma++;
  const alias = tokens[comma];
  if (alias !== undefined && (alias.type === "name" || alias.type === "word") && tokens[comma + 1]?.text === ",")
    comma++;
  return tokens[comma]?.text === "," ? nameAt(tokens, comma + 1) : undefined;
}

const unquote = ({ type, source }: Token): string => (type === "name" ? source.slice(1, -1) : source);

/** Names that stand for a query of the statement itself, not for a table. */
function commonTableExpressions(tokens: readonly Token[]): ReadonlySet<string> {
  if (tokens[0]?.text !== "WITH") return NONE;
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

/** What follows the AS of a common table expression. */
const QUERY_BEGINS: ReadonlySet<string> = new Set(["(", "MATERIALIZED", "NOT"]);

/** Skips the list of columns that may stand between a name and its AS. */
function beforeColumns(tokens: readonly Token[], end: number): number {
  if (tokens[end]?.text !== ")") return end;
  const opening = tokens.findLastIndex(({ text }, at) => at < end && text === "(");
  return opening - 1;
}
