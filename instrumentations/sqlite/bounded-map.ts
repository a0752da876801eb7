/** A map that forgets its oldest entry when it is full. */
export class BoundedMap<K, V> {
  readonly #entries = new Map<K, V>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: K): V | undefined {
    return this.#entries.get(key);
  }

  /** Returns the value. */
  set(key: K, value: V): V {
    if (this.#entries.size >= this.#limit) this.#entries.delete(this.#entries.keys().next().value as K);
    this.#entries.set(key, value);
    return value;
  }
}

/** A text longer than this is not remembered: who writes values into texts writes few of them twice. */
const MAX_TEXT = 16_384;

/** What is known of texts. It forgets the oldest when they are too many, or too long together. */
export class BoundedTexts<V> {
  readonly #entries = new Map<string, V>();
  readonly #limit: number;
  /** Characters it may yet keep. */
  #left: number;

  /** @param limit for the number of texts, and for the characters of all of them */
  constructor({ texts, characters }: { readonly texts: number; readonly characters: number }) {
    this.#limit = texts;
    this.#left = characters;
  }

  get(text: string): V | undefined {
    // To look it up, all of it would be read.
    return text.length > MAX_TEXT ? undefined : this.#entries.get(text);
  }

  /** Returns the value. */
  set(text: string, value: V): V {
    if (text.length > MAX_TEXT) return value;
    if (this.#entries.size >= this.#limit) this.#forget();
    while (this.#left < text.length) this.#forget();
    this.#entries.set(text, value);
    this.#left -= text.length;
    return value;
  }

  #forget(): void {
    const oldest = this.#entries.keys().next().value!;
    this.#entries.delete(oldest);
    this.#left += oldest.length;
  }
}
