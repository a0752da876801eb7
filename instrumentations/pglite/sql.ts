import { OperationKind } from "../../src/recording/operation-kind.ts";
import { scriptOf, type Control, type Script, type Statement } from "../sqlite/sql.ts";
import { isQueryVerb, summariseQuery } from "../sql/query-summary.ts";
import { stableName } from "../sql/stable-name.ts";
import { pieceOf, withoutLiterals, type Token } from "../sql/tokens.ts";
import { foldedNames } from "./folded-names.ts";
import { statementsOf } from "./split.ts";
import { purposeOf, type Purpose } from "./purpose.ts";

/** Statement of PostgreSQL, and what it does beside reading and writing. */
export interface PostgresStatement extends Statement {
  readonly purpose: Purpose | undefined;
}

/** Text that is sent to PostgreSQL: usually one statement, or a script of several. */
export interface PostgresScript extends Script {
  readonly parts: readonly PostgresStatement[];
}

const MAX_SHOWN = 8_192;
const MAX_TEXT = 2_000;
const MAX_SUMMARY = 255;

/** Parses a text. Never throws: of a text that is not SQL, only words that are SQL are told. */
export function parse(sql: string): PostgresScript {
  const parts: PostgresStatement[] = [];
  for (const tokens of statementsOf(sql)) parts.push(readStatement(tokens));
  const shown = pieceOf(sql, 0, MAX_SHOWN);
  return { ...scriptOf("", parts), parts, text: () => sanitise(shown) };
}

/** Describes a text that PostgreSQL refuses for its syntax: its words could be values without their quotes. */
export function refused({ name, parts }: PostgresScript): Script {
  const { text: _, ...script } = scriptOf(
    "",
    parts.map((part) => ({ ...part, summary: part.verb, collection: undefined })),
  );
  return { ...script, name, summary: name };
}

const KINDS: Readonly<Record<string, OperationKind>> = {
  ...kinds(OperationKind.READ, "SELECT VALUES TABLE EXPLAIN FETCH"),
  ...kinds(OperationKind.WRITE, "INSERT UPDATE DELETE MERGE TRUNCATE CREATE DROP ALTER COMMENT GRANT REVOKE REFRESH"),
  ...kinds(OperationKind.TRANSACTION, "BEGIN START COMMIT END ROLLBACK ABORT SAVEPOINT RELEASE"),
  ...kinds(
    OperationKind.OTHER,
    `ANALYZE CALL CHECKPOINT CLOSE CLUSTER COPY DEALLOCATE DECLARE DISCARD DO EXECUTE IMPORT LISTEN LOAD LOCK MOVE NOTIFY
    PREPARE REASSIGN REINDEX RESET SECURITY SET SHOW UNLISTEN VACUUM`,
  ),
};

function kinds(kind: OperationKind, verbs: string): Record<string, OperationKind> {
  return Object.fromEntries(verbs.split(/\s+/).map((verb) => [verb, kind]));
}

/** Verb of a text whose first word is not one of SQL: it is not exported, since it could be a value. */
const UNKNOWN = "OTHER";

function readStatement(tokens: readonly Token[]): PostgresStatement {
  const verb = verbOf(tokens);
  const { summary, collection } = describe(verb, tokens);
  const kind = kindOf(verb, tokens);
  const control = kind === OperationKind.TRANSACTION ? controlOf(verb, tokens) : undefined;
  return {
    kind,
    control,
    verb,
    collection,
    summary: cut(summary, MAX_SUMMARY),
    rollsBack: false,
    purpose: purposeOf(verb, tokens),
  };
}

function kindOf(verb: string, tokens: readonly Token[]): OperationKind {
  if (verb !== "COPY") return KINDS[verb] ?? OperationKind.OTHER;
  const direction = tokens.find(({ text }) => text === "FROM" || text === "TO");
  return direction?.text === "FROM" ? OperationKind.WRITE : OperationKind.READ;
}

/** Returns the verb of a statement; with WITH, it follows the common table expressions. */
function verbOf(tokens: readonly Token[]): string {
  const first = tokens.find(({ text }) => text !== "(");
  if (first === undefined || first.type !== "word") return UNKNOWN;
  if (first.text !== "WITH") return Object.hasOwn(KINDS, first.text) ? first.text : UNKNOWN;
  let depth = 0;
  for (const { type, text } of tokens) {
    if (text === "(") depth++;
    else if (text === ")") depth--;
    else if (depth <= 0 && type === "word" && (isQueryVerb(text) || text === "MERGE")) return text;
  }
  return UNKNOWN;
}

const ACTIONS: Readonly<Record<string, Control["action"]>> = {
  BEGIN: "begin",
  START: "begin",
  COMMIT: "commit",
  END: "commit",
  ROLLBACK: "rollback",
  ABORT: "rollback",
  SAVEPOINT: "savepoint",
  RELEASE: "release",
};

function controlOf(verb: string, tokens: readonly Token[]): Control {
  const isPartial = verb === "ROLLBACK" && tokens.some(({ text }) => text === "TO");
  const savepoint = tokens.at(-1)!;
  return {
    action: isPartial ? "rollback to" : ACTIONS[verb]!,
    mode: "deferred",
    savepoint: savepoint.type === "word" ? savepoint.source.toLowerCase() : savepoint.source,
  };
}

interface Described {
  readonly summary: string;
  readonly collection?: string | undefined;
}

/** Words that stand between the verb of a statement and its one table. */
const BEFORE_TABLE: ReadonlySet<string> = new Set(
  "INTO TABLE ONLY INDEX CONCURRENTLY FULL FREEZE VERBOSE ANALYZE SKIP_LOCKED MATERIALIZED VIEW".split(" "),
);
const WITH_TABLE: ReadonlySet<string> = new Set(
  "ANALYZE CLUSTER COPY LOCK MERGE REFRESH REINDEX TABLE TRUNCATE VACUUM".split(" "),
);
const OBJECTS: ReadonlySet<string> = new Set(
  "TABLE INDEX VIEW TRIGGER FUNCTION PROCEDURE EXTENSION SCHEMA SEQUENCE TYPE DOMAIN ROLE USER DATABASE POLICY RULE AGGREGATE".split(
    " ",
  ),
);
/** Number of words in which the object of a schema is named: `CREATE OR REPLACE TEMPORARY RECURSIVE VIEW`. */
const OBJECT_WORDS = 6;

function describe(verb: string, tokens: readonly Token[]): Described {
  if (verb === "CREATE" || verb === "DROP" || verb === "ALTER") {
    const object = tokens.slice(1, OBJECT_WORDS).find(({ type, text }) => type === "word" && OBJECTS.has(text));
    return { summary: object === undefined ? verb : `${verb} ${object.text}` };
  }
  if (verb === "ROLLBACK") return { summary: tokens.some(({ text }) => text === "TO") ? "ROLLBACK TO" : verb };
  if (WITH_TABLE.has(verb)) return describeOne(verb, tokens);
  if (!isQueryVerb(verb) && verb !== "EXPLAIN") return { summary: verb };
  const { summary, tables } = summariseQuery(foldedNames(tokens), verb);
  return { summary, collection: tables.size === 1 ? [...tables][0] : undefined };
}

/** Describes a statement with one table, such as `MERGE INTO stock` or `VACUUM (FULL) stock`. */
function describeOne(verb: string, tokens: readonly Token[]): Described {
  let at = tokens.findIndex(({ text }) => text === verb) + 1;
  if (tokens[at]?.text === "(") at = tokens.findIndex(({ text }, i) => i > at && text === ")") + 1;
  while (tokens[at]?.type === "word" && BEFORE_TABLE.has(tokens[at]!.text)) at++;
  const folded = foldedNames([
    { type: "word", text: "INTO", source: "INTO", spaced: true },
    ...tokens.slice(at, at + 3),
  ]);
  const [table] = summariseQuery(folded, "SELECT").tables;
  return table === undefined ? { summary: verb } : { summary: `${verb} ${stableName(table)}`, collection: table };
}

/** Returns the text without anything that could be a value of the application. */
function sanitise(sql: string): string {
  const texts: string[] = [];
  for (const tokens of statementsOf(sql)) {
    const verb = verbOf(tokens);
    // In other statements a value need not be a literal: a setting, a role, the name of a file.
    texts.push(isQueryVerb(verb) ? withoutLiterals(tokens, () => false) : describe(verb, tokens).summary);
  }
  return cut(texts.join("; "), MAX_TEXT);
}

/** Truncates a text to a length, at the end of a word. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, text.lastIndexOf(" ", length - 5) + 1)}...`;
}
