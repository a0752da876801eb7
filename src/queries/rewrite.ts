import type { QueryChanges } from "../../semconv/migration.ts";

/** Replaced name, label or label value. */
export interface Replacement {
  readonly line: number;
  readonly from: string;
  readonly to: string;
}

/** Use of a name that needs manual review. */
export interface Review {
  readonly line: number;
  readonly name: string;
  readonly reason: string;
}

export interface Rewritten {
  readonly text: string;
  readonly replacements: readonly Replacement[];
  readonly reviews: readonly Review[];
}

/**
 * Finds words: names of series and labels. An escape separates them like any other character that is not part of one.
 * Names of recording rules have colons, and are words of their own.
 */
const WORDS = /\\(?:u[0-9a-fA-F]{4}|[^])|([A-Za-z0-9_]+(?::+[A-Za-z0-9_]+)*)/g;

/** Finds the beginning of a condition on a label. In JSON, its quotes are escaped. */
const CONDITION = /\s{0,9}(?:=~|!~|!=|=)\s{0,9}(\\?["'`])/y;

/** Maximum length of the value in a condition, in characters. */
const MAX_VALUE_LENGTH = 1_000;

/**
 * Replaces names, labels and label values in a text with queries in PromQL, such as a dashboard of Grafana or rules of
 * Prometheus. Only whole words are replaced; everything else stays as it is.
 */
export const rewrite = (text: string, changes: QueryChanges): Rewritten => new Rewriting(text, changes).run();

class Rewriting {
  readonly #text: string;
  readonly #names: ReadonlyMap<string, string>;
  readonly #values: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly #reasons: ReadonlyMap<string, string>;
  readonly #lines: LineCounter;
  readonly #replacements: Replacement[] = [];
  readonly #reviews: Review[] = [];

  constructor(text: string, { names, values, review }: QueryChanges) {
    this.#text = text;
    this.#names = new Map(Object.entries(names));
    this.#values = new Map(Object.entries(values).map(([label, of]) => [label, new Map(Object.entries(of))]));
    this.#reasons = new Map(Object.entries(review));
    this.#lines = new LineCounter(text);
  }

  run(): Rewritten {
    const parts: string[] = [];
    let position = 0;
    WORDS.lastIndex = 0;
    for (let match = WORDS.exec(this.#text); match !== null; match = WORDS.exec(this.#text)) {
      const [whole, word] = match;
      if (word === undefined) continue;
      const line = this.#lines.at(match.index);
      const reason = this.#reasons.get(word);
      if (reason !== undefined) this.#reviews.push({ line, name: word, reason });
      const condition = this.#condition(word, line, match.index + whole.length);
      const name = this.#replace(line, word, this.#names.get(word));
      parts.push(this.#text.slice(position, match.index), name, condition.text);
      position = condition.end;
      WORDS.lastIndex = position;
    }
    parts.push(this.#text.slice(position));
    return { text: parts.join(""), replacements: this.#replacements, reviews: this.#reviews };
  }

  /** Rewrites the values that a label is compared with, if its values have changed. */
  #condition(label: string, line: number, position: number): { readonly text: string; readonly end: number } {
    const none = { text: "", end: position };
    const newValues = this.#values.get(label);
    if (newValues === undefined) return none;
    CONDITION.lastIndex = position;
    const beginning = CONDITION.exec(this.#text);
    if (beginning === null) return none;
    const start = CONDITION.lastIndex;
    const length = this.#text.slice(start, start + MAX_VALUE_LENGTH).indexOf(beginning[1]!);
    if (length === -1) return none;
    // A regular expression of several values; in any other, no part is a value.
    const values = this.#text.slice(start, start + length).split("|");
    const rewritten = values.map((value) => this.#replace(line, value, newValues.get(value))).join("|");
    return { text: beginning[0] + rewritten, end: start + length };
  }

  #replace(line: number, from: string, to: string | undefined): string {
    if (to === undefined) return from;
    this.#replacements.push({ line, from, to });
    return to;
  }
}

/** Counter of the lines up to ascending positions of a text. */
class LineCounter {
  readonly #text: string;
  #line = 1;
  #next: number;

  constructor(text: string) {
    this.#text = text;
    this.#next = text.indexOf("\n");
  }

  at(position: number): number {
    while (this.#next !== -1 && this.#next < position) {
      this.#line++;
      this.#next = this.#text.indexOf("\n", this.#next + 1);
    }
    return this.#line;
  }
}
