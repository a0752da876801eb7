import { Boundary, OperationKind } from "../../src/recording/operation-kind.ts";
import type { OperationInfo } from "../../src/recording/operation-info.ts";
import { stableName } from "../sql/stable-name.ts";
import { isQueryVerb } from "../sql/query-summary.ts";
import { summarise } from "./summary.ts";
import { nextStatement, pieceOf, splitStatements, TokenReader, withoutLiterals, type Token } from "../sql/tokens.ts";

/** Effect of a statement on a transaction boundary. */
export interface Control {
  readonly action: "begin" | "commit" | "rollback" | "savepoint" | "release" | "rollback to";
  /** The mode in which it begins a transaction. */
  readonly mode: "deferred" | "immediate" | "exclusive";
  /** The name of the savepoint it sets, if any. It must not be exported, since it could contain a value. */
  readonly savepoint: string;
}

/** Statement, described by its first words and its tables. */
export interface Statement {
  readonly kind: OperationKind;
  /** Set for statements that begin, end or mark a transaction. */
  readonly control: Control | undefined;
  /** First keyword, in upper case. */
  readonly verb: string;
  readonly collection: string | undefined;
  readonly summary: string;
  /** True if a violated constraint rolls back the transaction: `INSERT OR ROLLBACK`. */
  readonly rollsBack: boolean;
}

/** Text passed to SQLite: usually one statement, or a script of several for `exec`. */
export interface Script extends OperationInfo {
  /** Set for a single statement that begins, ends or marks a transaction. */
  readonly control: Control | undefined;
  readonly parts: readonly Statement[];
}

/** Number of characters of a text that are exported. */
const MAX_SHOWN = 8_192;
const MAX_SUMMARY = 255;
const MAX_TEXT = 2_000;

/**
 * Parses the text of a prepared statement. SQLite does not run the text after its first statement. Never throws.
 * @param areQuotesLiterals tells whether SQLite treats double-quoted text as a string if it matches no name
 */
export function parseStatement(sql: string, areQuotesLiterals?: () => boolean): Script {
  const tokens = nextStatement(new TokenReader(sql), NAMED);
  return scriptOf(sql, tokens.length === 0 ? [] : [readStatement(tokens)], areQuotesLiterals);
}

/**
 * Parses SQL text that is run completely. A single statement is summarised; several are described by their first words.
 * Never throws: text that is not SQL has no summary, and SQLite refuses it.
 */
export function parseScript(sql: string): Script {
  const reader = new TokenReader(sql);
  const first = nextStatement(reader, NAMED);
  const parts: Statement[] = [];
  for (let part = nextPart(reader); part !== undefined; part = nextPart(reader)) {
    if (parts.length === 0) parts.push(briefly(first));
    parts.push(part);
  }
  if (parts.length === 0 && first.length > 0) parts.push(readStatement(first));
  return scriptOf(sql, parts);
}

/** Limit up to which a statement is read for its name: the text beyond it consists of lists of values. */
const NAMED = { tokens: () => Infinity, end: 32_768 };

/** Number of words that identify a statement, if more than the first are needed. */
const WORDS: ReadonlyMap<string, number> = new Map([
  // The actual verb follows its tables.
  ["WITH", Infinity],
  ["CREATE", 3],
  ["INSERT", 3],
  ["UPDATE", 3],
  ["PRAGMA", 4],
  ["BEGIN", 3],
  ["ROLLBACK", 5],
  ["SAVEPOINT", 2],
  ["RELEASE", 3],
]);

const KNOWN = { tokens: ({ text }: Token): number => WORDS.get(text) ?? 1, end: Infinity };

/** Parses the next of several statements. */
function nextPart(reader: TokenReader): Statement | undefined {
  const start = reader.end;
  const plain = plainPart(reader);
  if (plain !== undefined) return plain;
  reader.end = start;
  const tokens = nextStatement(reader, KNOWN);
  return tokens.length === 0 ? undefined : briefly(tokens);
}

/** Parses a statement by its first word alone. Most of a long script is rows, for which nothing is allocated. */
function plainPart(reader: TokenReader): Statement | undefined {
  if (!reader.next()) return undefined;
  const { source } = reader;
  const plain = PLAIN.get(source);
  if (plain === undefined && !reader.isSemicolon && !isKnown(source)) {
    reader.skipStatement();
    return NO_STATEMENT;
  }
  if (plain === undefined || !reader.next() || reader.isSemicolon) return plain;
  // Its conflict clause follows.
  if (reader.end - reader.start === 2) return undefined;
  reader.skipStatement();
  return plain;
}

export function scriptOf(sql: string, parts: readonly Statement[], areQuotesLiterals = (): boolean => true): Script {
  const [first] = parts;
  const script = first !== undefined && parts.length === 1 ? single(first) : batch(parts);
  const shown = pieceOf(sql, 0, MAX_SHOWN);
  // Few operations become spans, so the text of a statement is computed on demand.
  return {
    ...script,
    text: () => sanitise(shown, areQuotesLiterals),
    parts,
    control: parts.length === 1 ? first!.control : undefined,
  };
}

type Outline = Omit<Script, "text" | "parts" | "control">;

function single({ kind, control, verb, collection, summary }: Statement): Outline {
  const boundary =
    control !== undefined ? Boundary.CONTROL : kind === OperationKind.WRITE ? Boundary.WRITE : Boundary.NONE;
  return {
    kind,
    boundary,
    statements: control === undefined ? 1 : 0,
    name: verb,
    collection: collection && stableName(collection),
    summary,
  };
}

/** Outlines several statements. The semantic conventions name a batch after its statements if they are the same. */
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

/** Returns the text without anything that could be a value of the application. */
function sanitise(sql: string, areQuotesLiterals: () => boolean): string {
  const texts = splitStatements(sql).map((tokens) => {
    // In other statements a value need not be a literal: the key of PRAGMA and ATTACH, the file of a virtual table.
    return isQueryVerb(verbOf(tokens)) ? withoutLiterals(tokens, areQuotesLiterals) : readStatement(tokens).summary;
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

/** Verb of a text that is not a SQLite statement: its first word is not exported, since it could be a value. */
const UNKNOWN = "OTHER";

function readStatement(tokens: readonly Token[]): Statement {
  const verb = verbOf(tokens);
  const { summary, tables } = summarise(verb, tokens);
  const collection = tables.size === 1 ? [...tables][0] : undefined;
  return { ...factsOf(verb, tokens), collection, summary: cut(summary, MAX_SUMMARY) };
}

/** Describes one of several statements. PRAGMAs are described by name as well. */
function briefly(tokens: readonly Token[]): Statement {
  const verb = verbOf(tokens);
  const { kind, control, rollsBack } = factsOf(verb, tokens);
  const summary = verb === "PRAGMA" ? summarise(verb, tokens).summary : verb;
  return { kind, control, verb, collection: undefined, summary: cut(summary, MAX_SUMMARY), rollsBack };
}

function factsOf(verb: string, tokens: readonly Token[]): Omit<Statement, "collection" | "summary"> {
  const kind = KINDS[verb] ?? OperationKind.OTHER;
  const control = kind === OperationKind.TRANSACTION ? readControl(verb, tokens) : undefined;
  const rollsBack = tokens[1]?.text === "OR" && tokens[2]?.text === "ROLLBACK";
  return { kind, control, verb, rollsBack };
}

/** Returns the verb of a statement; with WITH, it follows the common table expressions. */
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

/**
 * Returns the savepoint of `SAVEPOINT a`, `RELEASE SAVEPOINT a` or `ROLLBACK TO a`: the name comes last, and is
 * case-insensitive.
 */
function savepointIn(tokens: readonly Token[]): string {
  const { type, source } = tokens.at(-1)!;
  return (type === "name" || type === "literal" ? source.slice(1, -1) : source).toLowerCase();
}

/** Statements identified by their first word, keyed by its usual spellings. */
const PLAIN: ReadonlyMap<string, Statement> = new Map(
  ["SELECT", "INSERT", "UPDATE", "DELETE", "VALUES", "DROP", "ALTER", "COMMIT", "END"].flatMap((verb) => {
    const statement = briefly([{ type: "word", text: verb, source: verb, spaced: false }]);
    return [[verb, statement] as const, [verb.toLowerCase(), statement] as const];
  }),
);

/** Statement that SQLite refuses. */
const NO_STATEMENT = briefly([]);

function isKnown(word: string): boolean {
  const verb = word.toUpperCase();
  return verb in KINDS || verb === "WITH";
}

/** Truncates a text to a length, at the end of a word. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = text.lastIndexOf(" ", length - 5);
  return `${text.slice(0, end + 1)}...`;
}
