import { setTimeout } from "node:timers/promises";
import type { Connection, Request } from "./client/connection.ts";
import type { Vocabulary } from "./client/vocabulary.ts";

/** Requests on their way at the same time. */
const READERS = 8;
/** Mean milliseconds a reader thinks before the next request. */
const PAUSE = 10;

/** Uses the service for a time: a mixture of requests, with one conflict and one slow query in the middle of it. */
export async function drive(connection: Connection, vocabulary: Vocabulary, seconds: number): Promise<void> {
  const start = performance.now();
  const mixtureUntil = async (second: number): Promise<void> => {
    const isOver = (): boolean => connection.isOver || performance.now() - start >= second * 1000;
    await Promise.all(Array.from({ length: READERS }, () => read(connection, vocabulary, isOver)));
  };
  await mixtureUntil(seconds / 2);
  if (!connection.isOver) await conflict(connection, vocabulary);
  await Promise.all([slowQuery(connection), mixtureUntil(seconds)]);
}

async function read(connection: Connection, vocabulary: Vocabulary, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    await connection.send(anyRequest(vocabulary));
    await setTimeout(2 * PAUSE * Math.random());
  }
}

/** Of a hundred requests, so many are of each kind. */
const MIXTURE: readonly (readonly [share: number, request: (vocabulary: Vocabulary) => Request])[] = [
  [50, (vocabulary) => get(`/words/${encodeURIComponent(vocabulary.word())}`)],
  [20, (vocabulary) => get(`/search?q=${vocabulary.term()}`)],
  [5, (vocabulary) => get(`/search?q=${vocabulary.term()}+${vocabulary.term()}`)],
  [10, (vocabulary) => get(`/words/${encodeURIComponent(vocabulary.word())}/related`)],
  [12, (vocabulary) => edit(vocabulary.entry(), vocabulary.term())],
  [2, (vocabulary) => get(`/words/${vocabulary.term()}-${vocabulary.term()}`)],
  [1, (vocabulary) => edit(0, vocabulary.term())],
];

function anyRequest(vocabulary: Vocabulary): Request {
  let rest = vocabulary.chance() * 100;
  const [, request] = MIXTURE.find(([share]) => (rest -= share) < 0) ?? MIXTURE[0]!;
  return request(vocabulary);
}

const get = (path: string): Request => ({ method: "GET", path });

function edit(entry: number, text: string): Request {
  return { method: "PUT", path: `/entries/${entry}/note`, body: JSON.stringify({ text }) };
}

const slowQuery = (connection: Connection): Promise<void> => connection.send(get("/report?containing=water"));

/** An edit while an import that waits for its sender holds the write lock. */
async function conflict(connection: Connection, vocabulary: Vocabulary): Promise<void> {
  const edited = Promise.withResolvers<void>();
  const body = ReadableStream.from(entriesAround(edited.promise));
  const importing = connection.send({ method: "POST", path: "/import", body });
  await setTimeout(150);
  await connection.send(edit(vocabulary.entry(), vocabulary.term()));
  edited.resolve();
  await importing;
}

async function* entriesAround(pause: Promise<void>): AsyncGenerator<Uint8Array> {
  const entry = { partOfSpeech: "noun", words: ["stratascope"], gloss: "an instrument that makes layers visible" };
  const line = new TextEncoder().encode(`${JSON.stringify(entry)}\n`);
  yield line;
  await pause;
  yield line;
}
