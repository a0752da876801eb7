import { OperationKind } from "../../src/recording/operation-kind.ts";
import { isQueryVerb, nameAt, summariseQuery, type Summary } from "../sql/query-summary.ts";
import { stableName } from "../sql/stable-name.ts";
import type { Token } from "../sql/tokens.ts";
import { usualOrder } from "./tables-first.ts";

/** Summary of a statement, and its kind if the verb does not tell it. */
interface Summarised extends Summary {
  readonly kind?: OperationKind;
}

type Summarise = (tokens: readonly Token[], verb: string) => Summarised;

const NONE: ReadonlySet<string> = new Set();

/** Summarisers of statements whose verb is not sufficient. */
const SUMMARIES: Readonly<Record<string, Summarise>> = {
  CREATE: schema,
  DROP: schema,
  ALTER: schema,
  BEGIN: control,
  START: control,
  EXPLAIN: (tokens) => summariseQuery(usualOrder(tokens), "EXPLAIN"),
  COPY: copy,
  EXPORT: words,
  IMPORT: words,
  FORCE: words,
  PIVOT: target,
  UNPIVOT: target,
  TRUNCATE: target,
};

/** Summarises a statement of a known verb. */
export function summarise(verb: string, tokens: readonly Token[]): Summarised {
  if (isQueryVerb(verb)) return summariseQuery(usualOrder(tokens), verb);
  return SUMMARIES[verb]?.(tokens, verb) ?? { summary: verb, tables: NONE };
}

const SCHEMA_OBJECTS: ReadonlySet<string> = new Set([
  "TABLE",
  "VIEW",
  "INDEX",
  "SCHEMA",
  "SEQUENCE",
  "MACRO",
  "FUNCTION",
  "TYPE",
  "SECRET",
  "DATABASE",
]);

/** Summarises `CREATE UNIQUE INDEX by_word ON words` as `CREATE INDEX`: each object of a schema is created once. */
function schema(tokens: readonly Token[], verb: string): Summary {
  const object = tokens.slice(1, MAX_MODIFIERS).find(({ text }) => SCHEMA_OBJECTS.has(text));
  return { summary: object === undefined ? verb : `${verb} ${object.text}`, tables: NONE };
}

/** Number of words up to the kind of an object: `CREATE OR REPLACE PERSISTENT SECRET`. */
const MAX_MODIFIERS = 6;

const CONTROL_WORDS: ReadonlySet<string> = new Set(["BEGIN", "START", "TRANSACTION", "READ", "ONLY", "WRITE"]);

function control(tokens: readonly Token[]): Summary {
  const words = tokens.map(({ text }) => text).filter((text) => CONTROL_WORDS.has(text));
  return { summary: words.join(" "), tables: NONE };
}

/** Summarises by the first two words: `EXPORT DATABASE`, `FORCE CHECKPOINT`. */
function words([first, second]: readonly Token[]): Summary {
  const isKnown = second?.text === "DATABASE" || second?.text === "CHECKPOINT";
  return { summary: isKnown ? `${first!.text} ${second.text}` : first!.text, tables: NONE };
}

/** Summarises by the table that follows: `PIVOT words`. */
function target(tokens: readonly Token[], verb: string): Summary {
  const at = tokens.findIndex(({ text }) => text === verb) + 1;
  const name = nameAt(tokens, tokens[at]?.text === "TABLE" ? at + 1 : at);
  return name === undefined ? { summary: verb, tables: NONE } : named(verb, name);
}

const named = (verb: string, name: string): Summary => ({
  summary: `${verb} ${stableName(name)}`,
  tables: new Set([name]),
});

/** Summarises `COPY words FROM 'words.csv'` as `COPY words`, and `COPY (SELECT …) TO …` by its query. */
function copy(tokens: readonly Token[], verb: string): Summarised {
  if (tokens[1]?.text === "FROM" && tokens[2]?.text === "DATABASE")
    return { summary: "COPY FROM DATABASE", tables: NONE };
  if (tokens[1]?.text === "(") {
    const { summary, tables } = summariseQuery(usualOrder(tokens.slice(1)), "SELECT");
    return { summary: `COPY ${summary}`, tables, kind: OperationKind.READ };
  }
  const name = nameAt(tokens, 1);
  const kind = directionOf(tokens);
  return name === undefined ? { summary: verb, tables: NONE, kind } : { ...named(verb, name), kind };
}

function directionOf(tokens: readonly Token[]): OperationKind {
  const direction = tokens.find(({ text }) => text === "FROM" || text === "TO")?.text;
  return direction === "FROM" ? OperationKind.WRITE : OperationKind.READ;
}
