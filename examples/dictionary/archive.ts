/** Sends the totals of all words to an archive, as fast as that takes them: `archive.ts FOLDER URL`. */
import { join } from "node:path";
import { Totals } from "./ingest/totals.ts";

/** Words sent at a time, at most this many times. */
const BATCH = 50;
const BATCHES = 24;

const [folder, archive] = process.argv.slice(2) as [string, string];
const totals = new Totals(join(folder, "totals"));

async function sendAll(): Promise<void> {
  let batch: (readonly [string, number])[] = [];
  let sent = 0;
  // As long as this loop takes, LMDB cannot use a page again that was in use at its beginning.
  for (const total of totals.all()) {
    batch.push(total);
    if (batch.length < BATCH) continue;
    await send(batch);
    batch = [];
    if (++sent === BATCHES) return;
  }
  await send(batch);
}

async function send(batch: readonly unknown[]): Promise<void> {
  const response = await fetch(archive, { method: "POST", body: JSON.stringify(batch) });
  await response.arrayBuffer();
}

await sendAll();
await totals.close();
