import { validateHeaderValue } from "node:http";
import type { OutgoingHeaders } from "./outgoing-headers.ts";

type Properties = Record<string | number, unknown>;

/**
 * Headers of an HTTP/2 request: a copy of those the application passed, which are an object or an array of alternating
 * names and values.
 */
export class Http2Headers implements OutgoingHeaders {
  /** The copy, including its symbol keys. */
  readonly all: Properties | unknown[];
  /** The property of each value, by lower-case header name. */
  readonly #places = new Map<string, string | number>();

  private constructor(all: Properties | unknown[]) {
    this.all = all;
    if (Array.isArray(all)) for (let i = 0; i < all.length; i += 2) this.#add(String(all[i]), i + 1);
    else for (const name of Object.keys(all)) this.#add(name, name);
  }

  /**
   * Copies the given headers.
   * @returns undefined for a value that cannot be headers
   */
  static copy(given: unknown): Http2Headers | undefined {
    if (given === null || (given !== undefined && typeof given !== "object")) return undefined;
    return new Http2Headers(Object.assign(Array.isArray(given) ? [] : Object.create(null), given) as Properties);
  }

  get(name: string): string | undefined {
    const place = this.#places.get(name);
    if (place === undefined) return undefined;
    const value = (this.all as Properties)[place];
    const first: unknown = Array.isArray(value) ? value[0] : value;
    return first === undefined || first === null ? undefined : String(first);
  }

  set(name: string, value: string): void {
    validateHeaderValue(name, value);
    const { all } = this;
    const lower = name.toLowerCase();
    const place = this.#places.get(lower) ?? (Array.isArray(all) ? all.push(lower, value) - 1 : lower);
    (all as Properties)[place] = value;
    this.#places.set(lower, place);
  }

  /** Registers the property of a header; of several with the same name the first one counts. */
  #add(name: string, place: string | number): void {
    const lower = name.toLowerCase();
    if (!this.#places.has(lower)) this.#places.set(lower, place);
  }
}
