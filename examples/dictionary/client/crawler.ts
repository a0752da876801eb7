import { setTimeout } from "node:timers/promises";
import type { Connection } from "./connection.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Crawlers at work, milliseconds between two of their batches, and sightings in one. */
const CRAWLERS = 2;
const PAUSE = 60;
const BATCH = 80;

/** Readers, and mean milliseconds between two questions of one. */
const READERS = 2;
const THOUGHT = 10;
/** Words most questions are about, and their share. */
const POPULAR = 200;
const SHARE = 0.9;

/** Batches that arrive at once in the middle, and sightings in one. */
const BURST = 24;
const BURST_BATCH = 1_500;

/** Words of the text around a sighting. */
const CONTEXT = 30;

/** Uses the ingest for a time: crawlers that report sightings, readers, and many sightings at once in the middle. */
export async function crawl(connection: Connection, vocabulary: Vocabulary, seconds: number): Promise<void> {
  const start = performance.now();
  const isOver = (): boolean => connection.isOver || performance.now() - start >= seconds * 1000;
  const repeat = async (pause: number, send: () => Promise<void>): Promise<void> => {
    while (!isOver()) {
      await send();
      await setTimeout(pause);
    }
  };
  const popular = Array.from({ length: POPULAR }, () => vocabulary.term());
  const ask = (): Promise<void> => {
    const isPopular = vocabulary.chance() < SHARE;
    const word = isPopular ? popular[Math.floor(vocabulary.chance() * POPULAR)]! : vocabulary.term();
    return connection.send({ method: "GET", path: `/words/${word}/sightings` });
  };
  const burst = async (): Promise<void> => {
    await setTimeout(seconds * 500);
    if (isOver()) return;
    await Promise.all(Array.from({ length: BURST }, () => report(connection, vocabulary, BURST_BATCH)));
  };
  await Promise.all([
    ...Array.from({ length: CRAWLERS }, () => repeat(PAUSE, () => report(connection, vocabulary, BATCH))),
    ...Array.from({ length: READERS }, () => repeat(2 * THOUGHT * vocabulary.chance(), ask)),
    burst(),
  ]);
}

/** Reports sightings of words, each on a page with some text. */
async function report(connection: Connection, vocabulary: Vocabulary, sightings: number): Promise<void> {
  const lines = Array.from({ length: sightings }, (_, page) => {
    const context = Array.from({ length: CONTEXT }, () => vocabulary.term()).join(" ");
    return JSON.stringify({ word: vocabulary.term(), page, context });
  });
  await connection.send({ method: "POST", path: "/sightings", body: lines.join("\n") });
}
