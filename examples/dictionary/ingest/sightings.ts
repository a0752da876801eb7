import { ClassicLevel } from "classic-level";
import { LRUCache } from "lru-cache";

/** A word on a page, with the text around it. */
export interface Sighting {
  readonly word: string;
  readonly page: number;
  readonly context: string;
}

/** Sightings of a word that are returned. */
const SHOWN = 20;

/** Words whose sightings are cached, and milliseconds for which they are. */
const CACHED = 500;
const FRESH = 1_000;

/** Bytes that LevelDB collects in memory before it writes them to a file: little, so that it has to. */
const WRITE_BUFFER = 512 * 1024;

/** Cache of sightings by word. */
class RecentSightings extends LRUCache<string, Sighting[]> {}

/** All sightings, in the order of their words and then of their arrival. */
export class Sightings {
  readonly #db: ClassicLevel<string, Sighting>;
  readonly #cache: RecentSightings;
  #count = 0;

  constructor(folder: string) {
    this.#db = new ClassicLevel(folder, { valueEncoding: "json", writeBufferSize: WRITE_BUFFER });
    this.#cache = new RecentSightings({ max: CACHED, ttl: FRESH, fetchMethod: (word) => this.#read(word) });
  }

  /** Stores sightings, all or none. */
  async add(sightings: readonly Sighting[]): Promise<void> {
    await this.#db.batch(sightings.map((value) => ({ type: "put", key: this.#key(value.word), value })));
  }

  /** Returns the first sightings of a word. */
  async of(word: string): Promise<readonly Sighting[]> {
    return (await this.#cache.fetch(word))!;
  }

  async close(): Promise<void> {
    await this.#db.close();
  }

  #read(word: string): Promise<Sighting[]> {
    return this.#db.values({ gt: `${word}\0`, lt: `${word}\u0001`, limit: SHOWN }).all();
  }

  #key(word: string): string {
    return `${word}\0${(this.#count++).toString(36).padStart(8, "0")}`;
  }
}
