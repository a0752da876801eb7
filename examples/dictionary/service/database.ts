import { setImmediate } from "node:timers/promises";
import Database from "better-sqlite3";
import type { Synset } from "../wordnet.ts";

/** Milliseconds to wait for a lock that another connection holds; the event loop stands still meanwhile. */
const BUSY_TIMEOUT = 25;
const BATCH = 1_000;

/** Between the words of an entry; no word of WordNet has a semicolon. */
export const SEPARATOR = "; ";

const SCHEMA = `
  CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    part_of_speech TEXT NOT NULL,
    words TEXT NOT NULL,
    gloss TEXT NOT NULL,
    revision INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE words (
    word TEXT NOT NULL COLLATE NOCASE,
    entry_id INTEGER NOT NULL REFERENCES entries,
    PRIMARY KEY (word, entry_id)
  ) WITHOUT ROWID;
  CREATE TABLE notes (
    entry_id INTEGER NOT NULL REFERENCES entries,
    revision INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (entry_id, revision)
  ) WITHOUT ROWID;
  CREATE VIRTUAL TABLE entries_fts USING fts5 (
    words, gloss, content = 'entries', content_rowid = 'id', tokenize = 'porter'
  );
`;

export function openDatabase(path: string): Database.Database {
  const db = new Database(path, { timeout: BUSY_TIMEOUT });
  // Has to be the first thing said of a new database.
  db.pragma("auto_vacuum = INCREMENTAL");
  db.pragma("journal_mode = WAL");
  db.pragma("wal_autocheckpoint = 250");
  db.pragma("synchronous = NORMAL");
  return db;
}

/** Whether a database has been filled to the end. */
export const isFilled = (db: Database.Database): boolean => db.pragma("user_version", { simple: true }) === 1;

/** Fills a new database. @returns how many entries were added */
export async function fill(db: Database.Database, synsets: Iterator<Synset>): Promise<number> {
  db.exec(SCHEMA);
  const added = await addAll(db, synsets);
  db.pragma("user_version = 1");
  return added;
}

/** Adds one entry to the tables and the search index. */
export type AddEntry = (synset: Synset) => void;

export function prepareAddEntry(db: Database.Database): AddEntry {
  const insertEntry = db.prepare("INSERT INTO entries (part_of_speech, words, gloss) VALUES (?, ?, ?)");
  const insertWord = db.prepare("INSERT OR IGNORE INTO words (word, entry_id) VALUES (?, ?)");
  const index = db.prepare("INSERT INTO entries_fts (rowid, words, gloss) VALUES (?, ?, ?)");
  return ({ partOfSpeech, words, gloss }) => {
    const joined = words.join(SEPARATOR);
    const id = insertEntry.run(partOfSpeech, joined, gloss).lastInsertRowid;
    for (const word of words) insertWord.run(word, id);
    index.run(id, joined, gloss);
  };
}

async function addAll(db: Database.Database, synsets: Iterator<Synset>): Promise<number> {
  const add = prepareAddEntry(db);
  const addBatch = db.transaction((): number => {
    let added = 0;
    for (let next = synsets.next(); next.done !== true; next = synsets.next()) {
      add(next.value);
      if (++added === BATCH) break;
    }
    return added;
  });
  let total = 0;
  for (let added = BATCH; added === BATCH; total += added) {
    added = addBatch();
    // Signals are heard between two batches.
    await setImmediate();
  }
  return total;
}
