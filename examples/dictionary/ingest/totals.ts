import { open, type RootDatabase } from "lmdb";

/** Number of sightings of each word. */
export class Totals {
  readonly #db: RootDatabase<number, string>;

  constructor(path: string) {
    this.#db = open<number, string>({ path });
  }

  /** Counts words, all or none. */
  async add(words: readonly string[]): Promise<void> {
    await this.#db.transaction(() => {
      for (const word of words) void this.#db.put(word, this.of(word) + 1);
    });
  }

  of(word: string): number {
    return this.#db.get(word) ?? 0;
  }

  /** Yields all words with their totals, as they are at the first one. */
  *all(): Generator<readonly [word: string, total: number]> {
    for (const { key, value } of this.#db.getRange()) yield [key, value];
  }

  async close(): Promise<void> {
    await this.#db.close();
  }
}
