/** What is done once a night: `maintain.ts DATABASE FOLDER`. The folder gets the archive and the backup. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { openDatabase } from "./service/database.ts";
import type { Note } from "./service/dictionary.ts";

/** It has time for the locks of others, which no request waits for; but a reader may keep the log for long. */
const PATIENCE = 5_000;
const IMPATIENCE = 25;

const [path, folder] = process.argv.slice(2) as [string, string];
const db = openDatabase(path);
db.pragma(`busy_timeout = ${PATIENCE}`);

/** Moves the notes that were replaced by later ones to a file, all or none. */
async function archiveNotes(): Promise<void> {
  db.exec("BEGIN IMMEDIATE");
  const old = "revision < (SELECT revision FROM entries WHERE id = entry_id)";
  const notes = db.prepare<[], Note>(`SELECT entry_id AS entry, revision, text FROM notes WHERE ${old}`).all();
  await writeFile(join(folder, "notes.json"), JSON.stringify(notes));
  // The archive is on a slow disk. Nobody else can write meanwhile.
  await setTimeout(ARCHIVE_MILLISECONDS);
  db.exec(`DELETE FROM notes WHERE ${old}`);
  db.exec("COMMIT");
}

const ARCHIVE_MILLISECONDS = 300;

await archiveNotes();
await db.backup(join(folder, "dictionary.backup.db"));
db.exec("INSERT INTO entries_fts (entries_fts) VALUES ('optimize')");
db.pragma(`busy_timeout = ${IMPATIENCE}`);
db.pragma("wal_checkpoint(TRUNCATE)");
db.pragma("incremental_vacuum");
db.close();
