import { Boundary, OperationKind } from "../../src/recording/operation-kind.ts";
import type { OperationInfo } from "../../src/recording/operation-info.ts";
import { stableName } from "./names.ts";
import { isQueryVerb, summarise } from "./summary.ts";
import { nextStatement, pieceOf, splitStatements, TokenReader, withoutLiterals, type Token } from "./tokens.ts";

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

/** A text is shown as far as it stands before this character. */
const MAX_SHOWN = 8_192;
const MAX_SUMMARY = 255;
const MAX_TEXT = 2_000;

/**
 * Reads the text of a prepared statement: what stands behind the first one SQLite does not run. Never fails.
 * @param areQuotesLiterals whether SQLite takes what stands in double quotes for a string where it knows no such name
 */
export function parseStatement(sql: string, areQuotesLiterals?: () => boolean): Script {
  const tokens = nextStatement(new TokenReader(sql), NAMED);
  return scriptOf(sql, tokens.length === 0 ? [] : [readStatement(tokens)], areQuotesLiterals);
}

/**
 * Reads a text of SQL that is run from its beginning to its end: a statement that is alone is summarised, of several
 * each is known by its first words. Never fails: what is not SQL has no summary and is SQLite's to refuse.
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

/** A statement is named after what stands before this character: behind it are lists of values. */
const NAMED = { tokens: () => Infinity, end: 32_768 };

/** The words by which statements are known that are not known by their first one. */
const WORDS: ReadonlyMap<string, number> = new Map([
  // Behind its tables stands what it does.
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

/** One of several statements. */
function nextPart(reader: TokenReader): Statement | undefined {
  const start = reader.end;
  const plain = plainPart(reader);
  if (plain !== undefined) return plain;
  reader.end = start;
  const tokens = nextStatement(reader, KNOWN);
  return tokens.length === 0 ? undefined : briefly(tokens);
}

/** Most of a long script are rows, of which nothing is to be made. */
function plainPart(reader: TokenReader): Statement | undefined {
  if (!reader.next()) return undefined;
  const { source } = reader;
  const plain = PLAIN.get(source);
  if (plain === undefined && !reader.isSemicolon && !isKnown(source)) {
    reader.skipStatement();
    return NO_STATEMENT;
  }
  if (plain === undefined || !reader.next() || reader.isSemicolon) return plain;
  // What it does to a conflict is behind it.
  if (reader.end - reader.start === 2) return undefined;
  reader.skipStatement();
  return plain;
}

export function scriptOf(sql: string, parts: readonly Statement[], areQuotesLiterals = (): boolean => true): Script {
  const [first] = parts;
  const script = first !== undefined && parts.length === 1 ? single(first) : batch(parts);
  const shown = pieceOf(sql, 0, MAX_SHOWN);
  // Few operations become spans, so the text of a statement is made when one asks for it.
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
function sanitise(sql: string, areQuotesLiterals: () => boolean): string {
  const texts = splitStatements(sql).map((tokens) => {
    // Elsewhere a value need not be a literal: the key of PRAGMA and ATTACH, the file of a virtual table.
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

/** The first word of what is no statement of SQLite's: it is not repeated, for it could be anything. */
const UNKNOWN = "OTHER";

function readStatement(tokens: readonly Token[]): Statement {
  const verb = verbOf(tokens);
  const { summary, tables } = summarise(verb, tokens);
  const collection = tables.size === 1 ? [...tables][0] : undefined;
  return { ...factsOf(verb, tokens), collection, summary: cut(summary, MAX_SUMMARY) };
}

/** One of several statements: of the settings among them it matters which they are. */
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

/** The statements that are known by their first word, by that as it is usually written. */
const PLAIN: ReadonlyMap<string, Statement> = new Map(
  ["SELECT", "INSERT", "UPDATE", "DELETE", "VALUES", "DROP", "ALTER", "COMMIT", "END"].flatMap((verb) => {
    const statement = briefly([{ type: "word", text: verb, source: verb, spaced: false }]);
    return [[verb, statement] as const, [verb.toLowerCase(), statement] as const];
  }),
);

/** What SQLite refuses. */
const NO_STATEMENT = briefly([]);

function isKnown(word: string): boolean {
  const verb = word.toUpperCase();
  return verb in KINDS || verb === "WITH";
}

/** At most so long, and no half word at the end. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = text.lastIndexOf(" ", length - 5);
  return `${text.slice(0, end + 1)}...`;
}
