import { Boundary, OperationKind, type OperationInfo } from "../../src/operation-info.ts";
import { splitStatements, withoutLiterals, type Token } from "./tokens.ts";

/** What a statement does to the boundary of a transaction. */
export interface Control {
  readonly action: "begin" | "commit" | "rollback" | "savepoint" | "release" | "rollback to";
  /** How a transaction it begins is opened. */
  readonly mode: "deferred" | "immediate" | "exclusive";
}

/** One statement, as far as its first words and its tables tell. */
export interface Statement {
  readonly kind: OperationKind;
  /** Set for the statements that begin, end or mark a transaction. */
  readonly control: Control | undefined;
  /** First keyword, in upper case. */
  readonly verb: string;
  readonly collection: string | undefined;
  readonly summary: string;
}

/** A text handed to SQLite: usually one statement, a script of several where `exec` takes it. */
export interface Script extends OperationInfo {
  readonly parts: readonly Statement[];
}

/** Longer scripts are read up to here: what a dump of megabytes does is known from its beginning. */
const MAX_READ = 65_536;
const MAX_SUMMARY = 255;
const MAX_TEXT = 2_000;

/** Reads a text of SQL. Never fails: what is not SQL has no summary and is SQLite's to refuse. */
export function parseScript(sql: string): Script {
  const read = sql.length > MAX_READ ? sql.slice(0, MAX_READ) : sql;
  const parts = splitStatements(read).map(readStatement);
  const [first] = parts;
  const script = first !== undefined && parts.length === 1 ? single(first) : batch(parts);
  // Few operations become spans, so the text of a statement is made when one asks for it.
  return { ...script, text: () => sanitise(read), parts };
}

type Outline = Omit<Script, "text" | "parts">;

function single({ kind, control, verb, collection, summary }: Statement): Outline {
  const boundary =
    control !== undefined ? Boundary.CONTROL : kind === OperationKind.WRITE ? Boundary.WRITE : Boundary.NONE;
  return { kind, boundary, statements: control === undefined ? 1 : 0, name: verb, collection, summary };
}

/** The conventions' name of a batch says what is in it if that is one thing. */
function batch(parts: readonly Statement[]): Outline {
  const verbs = new Set(parts.map(({ verb }) => verb));
  const name = verbs.size === 1 ? `BATCH ${parts[0]!.verb}` : "BATCH";
  const has = (kind: OperationKind): boolean => parts.some((part) => part.kind === kind);
  const controls = has(OperationKind.TRANSACTION);
  const writes = has(OperationKind.WRITE);
  return {
    kind: writes ? OperationKind.WRITE : has(OperationKind.READ) ? OperationKind.READ : OperationKind.OTHER,
    boundary: controls ? Boundary.CONTROL : writes ? Boundary.WRITE : Boundary.NONE,
    statements: controls ? 0 : parts.length,
    name,
    summary: name,
    batchSize: parts.length,
  };
}

/** The text without anything that could be a value of the application. */
function sanitise(sql: string): string {
  const texts = splitStatements(sql).map((tokens) => {
    const kind = KINDS[verbOf(tokens)];
    // A key given to PRAGMA or ATTACH need not be a literal, nor is the name of a savepoint known beforehand.
    const namesOnly = kind === OperationKind.READ || kind === OperationKind.WRITE;
    return namesOnly ? withoutLiterals(tokens) : readStatement(tokens).summary;
  });
  return cut(texts.join("; "), MAX_TEXT);
}

const KINDS: Readonly<Record<string, OperationKind>> = {
  SELECT: OperationKind.READ,
  VALUES: OperationKind.READ,
  EXPLAIN: OperationKind.READ,
  INSERT: OperationKind.WRITE,
  REPLACE: OperationKind.WRITE,
  UPDATE: OperationKind.WRITE,
  DELETE: OperationKind.WRITE,
  CREATE: OperationKind.WRITE,
  DROP: OperationKind.WRITE,
  ALTER: OperationKind.WRITE,
  REINDEX: OperationKind.WRITE,
  ANALYZE: OperationKind.WRITE,
  BEGIN: OperationKind.TRANSACTION,
  COMMIT: OperationKind.TRANSACTION,
  END: OperationKind.TRANSACTION,
  ROLLBACK: OperationKind.TRANSACTION,
  SAVEPOINT: OperationKind.TRANSACTION,
  RELEASE: OperationKind.TRANSACTION,
  PRAGMA: OperationKind.OTHER,
  ATTACH: OperationKind.OTHER,
  DETACH: OperationKind.OTHER,
  VACUUM: OperationKind.OTHER,
};

/** The first word of what is no statement of SQLite's: it is not repeated, for it could be anything. */
const UNKNOWN = "OTHER";

function readStatement(tokens: readonly Token[]): Statement {
  const verb = verbOf(tokens);
  const kind = KINDS[verb] ?? OperationKind.OTHER;
  const { summary, tables } = summarise(verb, tokens);
  return {
    kind,
    control: kind === OperationKind.TRANSACTION ? readControl(verb, tokens) : undefined,
    verb,
    collection: tables.size === 1 ? [...tables][0] : undefined,
    summary: cut(summary, MAX_SUMMARY),
  };
}

/** Behind the common table expressions of WITH stands what the statement does. */
function verbOf(tokens: readonly Token[]): string {
  const first = tokens[0]?.text ?? "";
  if (first !== "WITH") return first in KINDS ? first : UNKNOWN;
  let depth = 0;
  for (const { text } of tokens) {
    if (text === "(") depth++;
    else if (text === ")") depth--;
    else if (depth === 0 && OPERATIONS.has(text)) return text;
  }
  return UNKNOWN;
}

const ACTIONS: Readonly<Record<string, Control["action"]>> = {
  BEGIN: "begin",
  COMMIT: "commit",
  END: "commit",
  ROLLBACK: "rollback",
  SAVEPOINT: "savepoint",
  RELEASE: "release",
};

function readControl(verb: string, tokens: readonly Token[]): Control {
  const words = tokens.map(({ text }) => text);
  const action = verb === "ROLLBACK" && words.includes("TO") ? "rollback to" : ACTIONS[verb]!;
  const mode = words.includes("IMMEDIATE") ? "immediate" : words.includes("EXCLUSIVE") ? "exclusive" : "deferred";
  return { action, mode };
}

const OPERATIONS: ReadonlySet<string> = new Set(["SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "VALUES"]);
/** The words a table's name follows. */
const BEFORE_TABLE: ReadonlySet<string> = new Set(["FROM", "JOIN", "INTO", "UPDATE"]);
/** The words that can stand between UPDATE and its table. */
const CONFLICT_CLAUSE: ReadonlySet<string> = new Set(["OR", "ROLLBACK", "ABORT", "REPLACE", "FAIL", "IGNORE"]);

interface Summary {
  readonly summary: string;
  readonly tables: ReadonlySet<string>;
}

function summarise(verb: string, tokens: readonly Token[]): Summary {
  switch (verb) {
    case "CREATE":
    case "DROP":
    case "ALTER":
      return summariseSchema(verb, tokens);
    case "PRAGMA":
      return { summary: `PRAGMA ${nameAt(tokens, tokens[2]?.text === "." ? 3 : 1)?.name ?? ""}`.trim(), tables: NONE };
    case "BEGIN":
    case "ROLLBACK":
      return {
        summary: tokens
          .filter(({ text }) => CONTROL_WORDS.has(text))
          .map(({ text }) => text)
          .join(" "),
        tables: NONE,
      };
    default:
      return OPERATIONS.has(verb) || verb === "EXPLAIN"
        ? summariseQuery(verb, tokens)
        : { summary: verb, tables: NONE };
  }
}

const NONE: ReadonlySet<string> = new Set();
const CONTROL_WORDS: ReadonlySet<string> = new Set(["BEGIN", "DEFERRED", "IMMEDIATE", "EXCLUSIVE", "ROLLBACK", "TO"]);

const SCHEMA_OBJECTS: ReadonlySet<string> = new Set(["TABLE", "INDEX", "VIEW", "TRIGGER"]);

/** `CREATE VIRTUAL TABLE IF NOT EXISTS words_fts` → `CREATE TABLE words_fts` */
function summariseSchema(verb: string, tokens: readonly Token[]): Summary {
  const at = tokens.findIndex(({ text }) => SCHEMA_OBJECTS.has(text));
  if (at === -1) return { summary: verb, tables: NONE };
  const skipped = tokens.slice(at + 1).findIndex(({ text }) => text !== "IF" && text !== "NOT" && text !== "EXISTS");
  const object = nameAt(tokens, at + 1 + skipped)?.name;
  const summary = [verb, tokens[at]!.text, object].filter((part) => part !== undefined).join(" ");
  return { summary, tables: tokens[at]!.text === "TABLE" && object !== undefined ? new Set([object]) : NONE };
}

/** Operations and tables in the order of the statement: `INSERT archive SELECT words`. */
function summariseQuery(verb: string, tokens: readonly Token[]): Summary {
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
  const names = new Set<string>();
  tokens.forEach((token, at) => {
    const next = tokens[at + 1]?.text;
    if (token.text !== "AS" || (next !== "(" && next !== "MATERIALIZED" && next !== "NOT")) return;
    let before = at - 1;
    if (tokens[before]?.text === ")") while (before > 0 && tokens[before]?.text !== "(") before--;
    const name = tokens[before]?.text === "(" ? tokens[before - 1] : tokens[before];
    if (name !== undefined) names.add(unquote(name));
  });
  return names;
}

/** At most so long, and no half word at the end. */
function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 4).replace(/\S*$/, "")}...`;
}
