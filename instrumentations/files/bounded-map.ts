/** Map that evicts its oldest entry when it is full. */
export class BoundedMap<K, V> {
  readonly #entries = new Map<K, V>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: K): V | undefined {
    return this.#entries.get(key);
  }

  has(key: K): boolean {
    return this.#entries.has(key);
  }

  /** Stores a value and returns it. */
  set(key: K, value: V): V {
    if (this.#entries.size >= this.#limit) this.#entries.delete(this.#entries.keys().next().value as K);
    this.#entries.set(key, value);
    return value;
  }
}

/** Maximum length of a text that is cached: an application that embeds values in its texts rarely repeats one. */
const MAX_TEXT = 16_384;

/** Cache keyed by text. It evicts the oldest entries when their number or their total length exceeds its limit. */
export class BoundedTexts<V> {
  readonly #entries = new Map<string, V>();
  readonly #limit: number;
  /** Characters of its remaining capacity. */
  #left: number;

  /** @param limit the maximum number of texts, and of their characters in total */
  constructor({ texts, characters }: { readonly texts: number; readonly characters: number }) {
    this.#limit = texts;
    this.#left = characters;
  }

  get(text: string): V | undefined {
    // A lookup would read the complete text.
    return text.length > MAX_TEXT ? undefined : this.#entries.get(text);
  }

  /** Stores a value and returns it. */
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
