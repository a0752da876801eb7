import { readSynsets } from "../wordnet.ts";

const STRIDE = 40;

/** Words to ask for, from all over WordNet, picked in the same order in every run. */
export class Vocabulary {
  readonly #random = seededRandom(1);
  readonly #words: string[] = [];
  readonly #terms: string[] = [];
  #synsets = 0;

  constructor() {
    for (const { words, gloss } of readSynsets()) {
      if (this.#synsets++ % STRIDE !== 0) continue;
      this.#words.push(words[0]!);
      this.#terms.push(...(gloss.match(/\b[a-z]{5,}\b/g) ?? []));
    }
  }

  /** A number from 0 to 1. */
  chance(): number {
    return this.#random();
  }

  word(): string {
    return this.#pick(this.#words);
  }

  /** A word that occurs in the meaning of an entry. */
  term(): string {
    return this.#pick(this.#terms);
  }

  entry(): number {
    return 1 + Math.floor(this.#random() * this.#synsets);
  }

  #pick(list: readonly string[]): string {
    return list[Math.floor(this.#random() * list.length)]!;
  }
}

/** Mulberry32: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
