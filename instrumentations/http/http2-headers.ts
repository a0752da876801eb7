import { validateHeaderValue } from "node:http";
import type { OutgoingHeaders } from "./outgoing-headers.ts";

type Properties = Record<string | number, unknown>;

/** Headers for a request of HTTP/2: a copy of what the application has passed, an object or names and values in turn. */
export class Http2Headers implements OutgoingHeaders {
  /** The copy, with everything in it that has a symbol. */
  readonly all: Properties | unknown[];
  /** The properties where values are, by the name in lower case. */
  readonly #places = new Map<string, string | number>();

  private constructor(all: Properties | unknown[]) {
    this.all = all;
    if (Array.isArray(all)) for (let i = 0; i < all.length; i += 2) this.#add(String(all[i]), i + 1);
    else for (const name of Object.keys(all)) this.#add(name, name);
  }

  /** @returns undefined for what are no headers */
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

  /** Of several with a name the first one counts. */
  #add(name: string, place: string | number): void {
    const lower = name.toLowerCase();
    if (!this.#places.has(lower)) this.#places.set(lower, place);
  }
}
