import type { Database, Statement } from "better-sqlite3";
import type { Synset } from "../wordnet.ts";
import { prepareAddEntry, type AddEntry } from "./database.ts";

/**
 * Adds entries as they arrive, all or none. It has a connection of its own, for its transaction stays open
 * while it waits for the next entry: nobody else can write for as long as the sender takes.
 */
export class Importer {
  readonly #db: Database;
  readonly #add: AddEntry;
  readonly #begin: Statement;
  readonly #commit: Statement;
  readonly #rollback: Statement;

  constructor(db: Database) {
    this.#db = db;
    this.#add = prepareAddEntry(db);
    this.#begin = db.prepare("BEGIN IMMEDIATE");
    this.#commit = db.prepare("COMMIT");
    this.#rollback = db.prepare("ROLLBACK");
  }

  get isRunning(): boolean {
    return this.#db.inTransaction;
  }

  async import(synsets: AsyncIterable<Synset>): Promise<number> {
    let added = 0;
    this.#begin.run();
    try {
      for await (const synset of synsets) {
        this.#add(synset);
        added++;
      }
      this.#commit.run();
    } finally {
      if (this.#db.inTransaction) this.#rollback.run();
    }
    return added;
  }
}
