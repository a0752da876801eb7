import { types } from "node:util";
import type { Results } from "@orama/orama";
import type { StorageSearchType } from "../../semconv/index.ts";
import type { Probe } from "../../src/instrument/probe.ts";
import { Calls } from "../layers/calls.ts";
import { restore, snapshot } from "../layers/index-copies.ts";
import type { Change, ChangesOf, SearchAnswer } from "../layers/search-index.ts";
import { databases, documentsIn, type Database } from "./databases.ts";

/** Limit of a search that names none. */
const DEFAULT_LIMIT = 10;

/**
 * Observes the functions by their options, and by the numbers of documents and results; documents, words and vectors are
 * never read. Hooks of the package are not used: with one, a search returns a promise.
 * @returns the functions to use
 */
export function patch(exports: unknown, probe: Probe): unknown {
  const functions = types.isModuleNamespaceObject(exports) ? { ...(exports as object) } : (exports as object);
  const calls = callsBy(probe);
  const observe = (name: string, begin: Parameters<Calls["observe"]>[2]): void => {
    if (!Object.hasOwn(functions, name)) return;
    // What is no database is refused by the package.
    calls.observe(functions, name, (self, args) => (Object(args[0]) === args[0] ? begin(self, args) : undefined));
  };
  observe("search", (_, [database, params]) => {
    const { mode, limit = DEFAULT_LIMIT } = (params ?? {}) as SearchOptions;
    return databases.of(database as Database).search({ name: "search", type: typeOf(mode), limit }, answerOf);
  });
  observe("searchVector", (_, [database, params]) => {
    const { limit = DEFAULT_LIMIT } = (params ?? {}) as SearchOptions;
    return databases.of(database as Database).search({ name: "searchVector", type: "vector", limit }, answerOf);
  });
  for (const [name, changesOf] of Object.entries(UPDATES))
    observe(name, (_, [database]) => databases.of(database as Database).update(name, changesOf(database as Database)));
  observe("save", (_, [database]) =>
    snapshot({ type: "serialize", indexOf: () => databases.of(database as Database) }),
  );
  observe("load", (_, [database]) => restore({ type: "serialize", indexOf: () => databases.of(database as Database) }));
  return functions;
}

/** Calls by probe: functions of one file call those of others. */
const known = new WeakMap<Probe, Calls>();

function callsBy(probe: Probe): Calls {
  const calls = known.get(probe) ?? new Calls(probe, { subjectOf: (_, [database]) => database, isAsynchronous: true });
  known.set(probe, calls);
  return calls;
}

/** Options of a search that are read. */
interface SearchOptions {
  readonly mode?: unknown;
  readonly limit?: unknown;
}

const typeOf = (mode: unknown): StorageSearchType => (mode === "vector" || mode === "hybrid" ? mode : "fulltext");

function answerOf(answer: unknown): SearchAnswer {
  const { hits, count } = answer as Results<unknown>;
  return { results: hits.length, candidates: count };
}

/** Returns the changes of documents that were added, and in a call that failed halfway those before. */
const added =
  (all: (result: unknown) => number) =>
  (database: Database): ChangesOf => {
    const changed = changeOf(database);
    return (result, { hasFailed, isBlocking }) => {
      if (!hasFailed) return [{ type: "add", documents: all(result) }];
      return isBlocking ? [{ type: "add", documents: Math.max(0, changed()) }] : [];
    };
  };

const removed =
  (all: (result: unknown) => number) =>
  (database: Database): ChangesOf => {
    const changed = changeOf(database);
    return (result, { hasFailed, isBlocking }) => {
      if (!hasFailed) return [{ type: "remove", documents: all(result) }];
      return isBlocking ? [{ type: "remove", documents: Math.max(0, -changed()) }] : [];
    };
  };

/** Returns the changes of documents that took the places of others, or were added if there were none. */
const replaced =
  (all: (result: unknown) => number) =>
  (database: Database): ChangesOf => {
    const changed = changeOf(database);
    return (result, { hasFailed, isBlocking }) => {
      const change = changed();
      if (hasFailed) return isBlocking ? lost(change) : [];
      const documents = all(result);
      const new_ = Math.min(Math.max(0, change), documents);
      return [
        { type: "add", documents: new_ },
        { type: "replace", documents: documents - new_ },
      ];
    };
  };

/** Returns the changes of a call that removed documents, and failed before it added them again. */
const lost = (change: number): readonly Change[] => [
  { type: change < 0 ? "remove" : "add", documents: Math.abs(change) },
];

/** Returns a function for the change of the number of documents since now. */
function changeOf(database: Database): () => number {
  const before = documentsIn(database);
  return () => (documentsIn(database) ?? 0) - (before ?? 0);
}

const one = (): number => 1;
/** Counts ids; with some hooks, they are promises of documents that may be refused. */
const lengthOf = (ids: unknown): number => (ids as unknown[]).filter((id) => typeof id === "string").length;

/** What each function changes, by its result: ids, their number, or whether there was a document. */
const UPDATES: Readonly<Record<string, (database: Database) => ChangesOf>> = {
  insert: added(one),
  insertMultiple: added(lengthOf),
  remove: removed(Number),
  removeMultiple: removed(Number),
  update: replaced(one),
  updateMultiple: replaced(lengthOf),
  upsert: replaced(one),
  upsertMultiple: replaced(lengthOf),
};
