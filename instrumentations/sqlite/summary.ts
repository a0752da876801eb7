import { isQueryVerb, nameAt, summariseQuery, type Summary } from "../sql/query-summary.ts";
import type { Token } from "../sql/tokens.ts";
import { PRAGMAS } from "./names.ts";

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
