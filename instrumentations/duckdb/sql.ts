import { Boundary, OperationKind } from "../../src/recording/operation-kind.ts";
import type { OperationInfo } from "../../src/recording/operation-info.ts";
import { isQueryVerb } from "../sql/query-summary.ts";
import { stableName } from "../sql/stable-name.ts";
import { nextStatement, pieceOf, POSTGRES, TokenReader, withoutLiterals, type Token } from "../sql/tokens.ts";
import { summarise } from "./summary.ts";
import { verbOf } from "./verb.ts";

/** What a statement does beside reading and writing rows. */
export type Role = "begin" | "commit" | "rollback" | "checkpoint" | "export" | "copy database";

/** Statement, described by its first words and its tables. */
export interface Statement {
  readonly kind: OperationKind;
  readonly role: Role | undefined;
  /** First keyword, in upper case. */
  readonly verb: string;
  readonly collection: string | undefined;
  readonly summary: string;
}

/** Text passed to DuckDB: usually one statement. */
export interface Script extends OperationInfo {
  readonly parts: readonly Statement[];
}

const MAX_SUMMARY = 255;
/** Number of characters of a text that are read for its `db.query.text`, and that are exported. */
const MAX_SHOWN = 8_192;
const MAX_TEXT = 2_000;

/** Limit up to which the first statement is read for its tables: the text beyond it consists of lists of values. */
const NAMED = { tokens: () => Infinity, end: 32_768 };
/** Limit for those that follow it, which are described by their first words. */
const KNOWN = { tokens: ({ text }: Token): number => (text === "WITH" || text === "(" ? Infinity : 8), end: Infinity };
/** Maximum number of statements that are described. */
const MAX_PARTS = 10_000;

/** Parses a text. Never throws: text that is not SQL has no summary, and DuckDB refuses it. */
export function parseScript(sql: string): Script {
  const reader = new TokenReader(sql, POSTGRES);
  const parts: Statement[] = [];
  let tokens = namesOnly(nextStatement(reader, NAMED));
  const shown = pieceOf(sql, 0, MAX_SHOWN);
  while (tokens.length > 0 && parts.length < MAX_PARTS) {
    parts.push(statementOf(tokens));
    tokens = namesOnly(nextStatement(reader, KNOWN));
  }
  return { ...(parts.length === 1 ? single(parts[0]!) : batch(parts)), text: () => textOf(shown), parts };
}

/** Describes a statement whose text is not known. */
export const statementOfType = (verb: string, kind: OperationKind): Statement => ({
  kind,
  role: undefined,
  verb,
  collection: undefined,
  summary: verb,
});

type Outline = Omit<Script, "text" | "parts">;

export function single({ kind, verb, role, collection, summary }: Statement): Outline {
  const isControl = kind === OperationKind.TRANSACTION && role !== undefined;
  return {
    kind,
    boundary: Boundary.NONE,
    statements: isControl ? 0 : 1,
    name: verb,
    collection: collection && stableName(collection),
    summary,
  };
}

/** Outlines several statements. The semantic conventions name a batch after its statements if they are the same. */
function batch(parts: readonly Statement[]): Outline {
  const verbs = new Set(parts.map(({ verb }) => verb));
  const name = parts.length === 0 ? UNKNOWN : verbs.size === 1 ? `BATCH ${parts[0]!.verb}` : "BATCH";
  const has = (kind: OperationKind): boolean => parts.some((part) => part.kind === kind);
  return {
    kind: has(OperationKind.WRITE)
      ? OperationKind.WRITE
      : has(OperationKind.READ)
        ? OperationKind.READ
        : OperationKind.OTHER,
    boundary: Boundary.NONE,
    // Those of several transactions are counted one by one.
    statements: has(OperationKind.TRANSACTION) ? 0 : parts.length,
    name,
    summary: name,
    batchSize: parts.length,
  };
}

/** Verb of a text that is not a statement: its first word is not exported, since it could be a value. */
const UNKNOWN = "OTHER";

const { READ, WRITE, TRANSACTION, OTHER } = OperationKind;

const KINDS: ReadonlyMap<string, OperationKind> = new Map([
  ...["SELECT", "VALUES", "PIVOT", "UNPIVOT", "DESCRIBE", "DESC", "SUMMARIZE", "SHOW", "EXPLAIN"].map(
    (verb) => [verb, READ] as const,
  ),
  ...["INSERT", "UPDATE", "DELETE", "TRUNCATE", "MERGE", "CREATE", "DROP", "ALTER", "IMPORT", "COMMENT"].map(
    (verb) => [verb, WRITE] as const,
  ),
  ...["BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT"].map((verb) => [verb, TRANSACTION] as const),
  ...["COPY", "EXPORT", "PRAGMA", "CALL", "SET", "RESET", "USE", "ATTACH", "DETACH", "VACUUM", "ANALYZE"].map(
    (verb) => [verb, OTHER] as const,
  ),
  ...["CHECKPOINT", "FORCE", "LOAD", "INSTALL", "PREPARE", "EXECUTE", "DEALLOCATE"].map(
    (verb) => [verb, OTHER] as const,
  ),
]);

const ROLES: Readonly<Record<string, Role>> = {
  BEGIN: "begin",
  START: "begin",
  COMMIT: "commit",
  END: "commit",
  ROLLBACK: "rollback",
  ABORT: "rollback",
  CHECKPOINT: "checkpoint",
  FORCE: "checkpoint",
  EXPORT: "export",
};

function statementOf(tokens: readonly Token[]): Statement {
  const known = verbOf(tokens);
  const kind = KINDS.get(known);
  if (kind === undefined) return statementOfType(UNKNOWN, OTHER);
  const { summary, tables, kind: more = kind } = summarise(known, tokens);
  const collection = tables.size === 1 ? [...tables][0] : undefined;
  return { kind: more, role: roleOf(known, tokens), verb: known, collection, summary: cut(summary, MAX_SUMMARY) };
}

/** Functions that checkpoint: `CALL checkpoint()`, `PRAGMA force_checkpoint`. */
const CHECKPOINTS: ReadonlySet<string> = new Set(["CHECKPOINT", "FORCE_CHECKPOINT"]);

function roleOf(verb: string, [, second, third]: readonly Token[]): Role | undefined {
  if (verb === "COPY") return second?.text === "FROM" && third?.text === "DATABASE" ? "copy database" : undefined;
  if (verb === "CALL" || verb === "PRAGMA") return CHECKPOINTS.has(second?.text ?? "") ? "checkpoint" : undefined;
  return ROLES[verb];
}

/** Name that is certainly no path: a quoted one can be that of a file to read. */
const PLAIN_NAME = /^"[\p{L}\p{N}_ $-]*"$/u;

/** Replaces the quoted names that could be paths by literals. */
const namesOnly = (tokens: Token[]): Token[] =>
  tokens.map((token) => (token.type === "name" && !PLAIN_NAME.test(token.source) ? HIDDEN(token) : token));

const HIDDEN = ({ spaced }: Token): Token => ({ type: "literal", text: "?", source: "?", spaced });

/** Returns a text without anything that could be a value of the application. */
function textOf(sql: string): string {
  const reader = new TokenReader(sql, POSTGRES);
  const texts: string[] = [];
  for (let tokens = nextStatement(reader); tokens.length > 0; tokens = nextStatement(reader)) {
    const names = namesOnly(tokens);
    // In other statements a value need not be a literal, such as the options of CREATE SECRET and ATTACH.
    texts.push(isQueryVerb(verbOf(names)) ? withoutLiterals(names, () => false) : statementOf(names).summary);
  }
  return cut(texts.join("; "), MAX_TEXT);
}

/** Truncates a text to a length, at the end of a word. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, text.lastIndexOf(" ", length - 5) + 1)}...`;
}
