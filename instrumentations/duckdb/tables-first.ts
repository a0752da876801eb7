import { isQueryVerb } from "../sql/query-summary.ts";
import type { Token } from "../sql/tokens.ts";

const word = (text: string): Token => ({ type: "word", text, source: text, spaced: true });
const SELECT = word("SELECT");
const FROM = word("FROM");

/** Words after which a query begins, beside those that WITH begins. */
const BEFORE_QUERY: ReadonlySet<string | undefined> = new Set([
  undefined,
  "(",
  "EXPLAIN",
  "ANALYZE",
  "UNION",
  "ALL",
  "EXCEPT",
  "INTERSECT",
]);

/** Words that begin a query in place of SELECT, and those of them whose SELECT can follow. */
const FIRST: ReadonlySet<string> = new Set(["FROM", "TABLE"]);

/** Words that can precede them. */
const BEFORE: ReadonlySet<string | undefined> = new Set([...BEFORE_QUERY, ")"]);

/**
 * Returns a query in the usual order of words: `FROM words SELECT word` and `TABLE words` are what `SELECT word FROM
 * words` and `SELECT * FROM words` are.
 */
export function usualOrder(tokens: readonly Token[]): readonly Token[] {
  if (!tokens.some(({ text }, at) => FIRST.has(text) && BEFORE.has(tokens[at - 1]?.text))) return tokens;
  const order = new Order(tokens[0]?.text === "WITH");
  for (const [at, token] of tokens.entries()) order.read(token, tokens[at - 1]?.text);
  return order.words;
}

class Order {
  readonly words: Token[] = [];
  /** For each open parenthesis, true while the SELECT of its query comes later. */
  readonly #isOwed = [false];
  /** True after WITH, while the verb of the statement is still to come. */
  #isBeforeVerb: boolean;

  constructor(isWith: boolean) {
    this.#isBeforeVerb = isWith;
  }

  read(token: Token, before: string | undefined): void {
    const { text } = token;
    this.#nest(text);
    if (FIRST.has(text) && this.#beginsQuery(before)) {
      this.words.push(SELECT, FROM);
      this.#owe(text === "FROM");
    } else if (text === "SELECT" && this.#isOwed.at(-1) === true) this.#owe(false);
    else this.words.push(token);
    if (this.#isOuter && (isQueryVerb(text) || this.#isOwed[0] === true)) this.#isBeforeVerb = false;
  }

  #nest(text: string): void {
    if (text === "(") this.#isOwed.push(false);
    else if (text === ")" && !this.#isOuter) this.#isOwed.pop();
  }

  #beginsQuery(before: string | undefined): boolean {
    return BEFORE_QUERY.has(before) || (before === ")" && this.#isOuter && this.#isBeforeVerb);
  }

  #owe(isOwed: boolean): void {
    this.#isOwed[this.#isOwed.length - 1] = isOwed;
  }

  get #isOuter(): boolean {
    return this.#isOwed.length === 1;
  }
}
