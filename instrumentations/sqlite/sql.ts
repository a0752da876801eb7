import { Boundary, OperationKind, type OperationInfo } from "../../src/operation-info.ts";
import { isQueryVerb, summarise } from "./summary.ts";
import { splitStatements, withoutLiterals, type Token } from "./tokens.ts";

/** What a statement does to the boundary of a transaction. */
export interface Control {
  readonly action: "begin" | "commit" | "rollback" | "savepoint" | "release" | "rollback to";
  /** How a transaction it begins is opened. */
  readonly mode: "deferred" | "immediate" | "exclusive";
  /** The name of the savepoint it marks, if it marks one; never to be shown, for it could hold a value. */
  readonly savepoint: string;
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
  /** Whether a violated constraint rolls the transaction back: `INSERT OR ROLLBACK`. */
  readonly rollsBack: boolean;
}

/** A text handed to SQLite: usually one statement, a script of several where `exec` takes it. */
export interface Script extends OperationInfo {
  /** Set for a single statement that begins, ends or marks a transaction. */
  readonly control: Control | undefined;
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
  return { ...script, text: () => sanitise(read), parts, control: parts.length === 1 ? first!.control : undefined };
}

type Outline = Omit<Script, "text" | "parts" | "control">;

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
    // Elsewhere a value need not be a literal: the key of PRAGMA and ATTACH, the file of a virtual table.
    return isQueryVerb(verbOf(tokens)) ? withoutLiterals(tokens) : readStatement(tokens).summary;
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
    rollsBack: tokens[1]?.text === "OR" && tokens[2]?.text === "ROLLBACK",
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
    else if (depth === 0 && isQueryVerb(text)) return text;
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
  return { action, mode, savepoint: savepointIn(tokens) };
}

/** `SAVEPOINT a`, `RELEASE SAVEPOINT a`, `ROLLBACK TO a`: a name ends each, and has no case. */
function savepointIn(tokens: readonly Token[]): string {
  const { type, source } = tokens.at(-1)!;
  return (type === "name" || type === "literal" ? source.slice(1, -1) : source).toLowerCase();
}

/** At most so long, and no half word at the end. */
function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 4).replace(/\S*$/, "")}...`;
}
