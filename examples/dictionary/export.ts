/** Copies the dictionary to a mirror, batch by batch, as fast as that takes it: `export.ts DATABASE URL`. */
import { openDatabase } from "./service/database.ts";
import type { Entry } from "./service/dictionary.ts";

/** Entries sent at a time. */
const BATCH = 5_000;

const [path, mirror] = process.argv.slice(2) as [string, string];
const db = openDatabase(path);

async function exportAll(): Promise<void> {
  let batch: Entry[] = [];
  // As long as this loop takes, the database has to keep all that it has read and will read as it is now.
  for (const entry of db.prepare<[], Entry>("SELECT id, words, gloss FROM entries").iterate()) {
    batch.push(entry);
    if (batch.length < BATCH) continue;
    await send(batch);
    batch = [];
  }
  await send(batch);
}

async function send(entries: readonly Entry[]): Promise<void> {
  const response = await fetch(mirror, { method: "POST", body: JSON.stringify(entries) });
  await response.arrayBuffer();
}

await exportAll();
db.close();
