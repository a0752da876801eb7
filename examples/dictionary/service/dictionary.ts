import type { Database, Statement, Transaction } from "better-sqlite3";
import { SEPARATOR } from "./database.ts";

export interface Entry {
  readonly id: number;
  readonly partOfSpeech: string;
  readonly words: string;
  readonly gloss: string;
  readonly revision: number;
}

export interface Hit {
  readonly id: number;
  readonly words: string;
  readonly excerpt: string;
}

export interface Frequency {
  readonly word: string;
  readonly meanings: number;
}

export interface Note {
  readonly entry: number;
  readonly revision: number;
  readonly text: string;
}

/** The entry asked for does not exist. */
export class UnknownEntry extends Error {
  override readonly name = "UnknownEntry";
}

/** The questions and edits of the service; every statement is compiled once. */
export class Dictionary {
  /** Gives an entry a note and a new revision. */
  readonly annotate: Transaction<(id: number, text: string) => Note>;
  readonly #entriesOf: Statement<[string], Entry>;
  readonly #search: Statement<[string], Hit>;
  readonly #frequencies: Statement<[string], Frequency>;

  constructor(db: Database) {
    this.#entriesOf = db.prepare(`
      SELECT id, part_of_speech AS partOfSpeech, words, gloss, revision
      FROM words JOIN entries ON id = entry_id WHERE word = ?`);
    this.#search = db.prepare(`
      SELECT rowid AS id, words, snippet(entries_fts, 1, '[', ']', '…', 12) AS excerpt
      FROM entries_fts WHERE entries_fts MATCH ? ORDER BY bm25(entries_fts, 2, 1) LIMIT 10`);
    // LIKE with a leading % can use no index: this reads every entry, and once for each of its words.
    this.#frequencies = db.prepare(`
      SELECT word, count(*) AS meanings FROM words JOIN entries ON id = entry_id
      WHERE gloss LIKE '%' || ? || '%' GROUP BY word ORDER BY meanings DESC LIMIT 10`);
    this.annotate = prepareAnnotate(db);
  }

  lookUp(word: string): Entry[] {
    return this.#entriesOf.all(word);
  }

  /** The entries of all the words that share an entry with this one, asked for word by word. */
  related(word: string): Entry[] {
    const related = new Map<number, Entry>();
    const own = this.lookUp(word);
    const synonyms = new Set(own.flatMap(({ words }) => words.split(SEPARATOR)));
    for (const synonym of synonyms) for (const entry of this.lookUp(synonym)) related.set(entry.id, entry);
    for (const { id } of own) related.delete(id);
    return [...related.values()];
  }

  /** The best ten entries with all of the terms. */
  search(terms: string): Hit[] {
    // Quoted, a term is a term, whatever signs of the query language are in it.
    const quoted = terms.split(/\s+/).map((term) => `"${term.replaceAll('"', '""')}"`);
    return this.#search.all(quoted.join(" "));
  }

  /** The ten words that most often have a text in one of their meanings. */
  report(text: string): Frequency[] {
    return this.#frequencies.all(text);
  }
}

function prepareAnnotate(db: Database): Dictionary["annotate"] {
  const revisionOf = db.prepare<[number], number>("SELECT revision FROM entries WHERE id = ?").pluck();
  const revise = db.prepare("UPDATE entries SET revision = ? WHERE id = ?");
  const insertNote = db.prepare("INSERT INTO notes (entry_id, revision, text) VALUES (?, ?, ?)");
  return db.transaction((id: number, text: string) => {
    const current = revisionOf.get(id);
    if (current === undefined) throw new UnknownEntry(`no entry ${id}`);
    const revision = current + 1;
    revise.run(revision, id);
    insertNote.run(id, revision, text);
    return { entry: id, revision, text };
  });
}
