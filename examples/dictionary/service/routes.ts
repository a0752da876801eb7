import { SqliteError } from "better-sqlite3";
import type { Synset } from "../wordnet.ts";
import { UnknownEntry, type Dictionary } from "./dictionary.ts";
import { failure, HttpError, ok, readJson, readJsonLines, type Call, type Reply, type Route } from "./http.ts";
import type { Importer } from "./importer.ts";

/** What the service answers to. */
export function createRoutes(dictionary: Dictionary, importer: Importer): Route[] {
  return [
    { method: "GET", path: /^\/words\/([^/]+)$/, handle: (call) => lookUp(dictionary, call) },
    { method: "GET", path: /^\/words\/([^/]+)\/related$/, handle: (call) => related(dictionary, call) },
    { method: "GET", path: /^\/search$/, handle: (call) => search(dictionary, call) },
    { method: "GET", path: /^\/report$/, handle: (call) => report(dictionary, call) },
    { method: "PUT", path: /^\/entries\/(\d+)\/note$/, handle: (call) => annotate(dictionary, call) },
    { method: "POST", path: /^\/import$/, handle: (call) => importEntries(importer, call) },
  ];
}

/** Answers a request that came while another program had the lock. */
export function explainBusy(error: unknown): Reply | undefined {
  const isBusy = error instanceof SqliteError && error.code.startsWith("SQLITE_BUSY");
  return isBusy ? failure(409, "another program is writing, try again") : undefined;
}

function lookUp(dictionary: Dictionary, { parameter: word }: Call): Reply {
  const entries = dictionary.lookUp(word);
  return entries.length === 0 ? failure(404, `no entry for ${word}`) : ok({ word, entries });
}

function related(dictionary: Dictionary, { parameter: word }: Call): Reply {
  return ok({ word, entries: dictionary.related(word) });
}

function search(dictionary: Dictionary, { query }: Call): Reply {
  return ok({ hits: dictionary.search(required(query, "q")) });
}

function report(dictionary: Dictionary, { query }: Call): Reply {
  return ok({ words: dictionary.report(required(query, "containing")) });
}

function required(query: URLSearchParams, name: string): string {
  const value = query.get(name)?.trim();
  if (value === undefined || value === "") throw new HttpError(400, `the query needs ${name}`);
  return value;
}

async function annotate(dictionary: Dictionary, { request, parameter: id }: Call): Promise<Reply> {
  const { text } = ((await readJson(request)) ?? {}) as { text?: unknown };
  if (typeof text !== "string") return failure(400, "a note has a text");
  try {
    return ok(dictionary.annotate(Number(id), text));
  } catch (error) {
    if (error instanceof UnknownEntry) return failure(404, error.message);
    throw error;
  }
}

async function importEntries(importer: Importer, { request }: Call): Promise<Reply> {
  if (importer.isRunning) return failure(409, "an import is running");
  return { status: 201, body: { added: await importer.import(readSynsetLines(request)) } };
}

async function* readSynsetLines(request: Call["request"]): AsyncGenerator<Synset> {
  for await (const line of readJsonLines(request)) {
    if (!isSynset(line)) throw new HttpError(400, "an entry has a partOfSpeech, words and a gloss");
    yield line;
  }
}

function isSynset(value: unknown): value is Synset {
  const { partOfSpeech, words, gloss } = (value ?? {}) as Partial<Record<keyof Synset, unknown>>;
  const areWords = Array.isArray(words) && words.every((word) => typeof word === "string");
  return areWords && typeof partOfSpeech === "string" && typeof gloss === "string";
}
