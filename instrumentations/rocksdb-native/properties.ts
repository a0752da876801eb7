import type { ColumnFamily, State } from "./package.ts";

/** The engine's own answers to questions about an open database. */
export class Properties {
  readonly #state: WeakRef<State>;
  readonly #getProperty: State["getProperty"];

  /** @param getProperty the method of the package, unobserved */
  constructor(state: State, getProperty: State["getProperty"]) {
    this.#state = new WeakRef(state);
    this.#getProperty = getProperty;
  }

  /** Column families of the database; undefined if it cannot be asked: it is not open, is being closed, or suspended. */
  get families(): readonly ColumnFamily[] | undefined {
    return this.#open()?.columnFamilies;
  }

  /**
   * Asks for the properties of a column family, all at once: the package answers without a wait, and the database
   * cannot be closed in between.
   */
  async of(family: ColumnFamily, names: readonly string[]): Promise<Map<string, string>> {
    const state = this.#open();
    const answers = new Map<string, string>();
    if (state === undefined) return answers;
    const asked = names.map((name) => this.#getProperty.call(state, `rocksdb.${name}`, { _columnFamily: family }));
    for (const [i, answer] of (await Promise.all(asked)).entries())
      if (answer !== undefined) answers.set(names[i]!, answer);
    return answers;
  }

  #open(): State | undefined {
    const state = this.#state.deref();
    return state?.opened === true && !state.closing && !state.closed && state.resumed === null ? state : undefined;
  }
}

/** Returns a number that the engine answered; NaN, which is not reported, if it did not. */
export const numberIn = (answers: ReadonlyMap<string, string>, name: string): number =>
  Number(answers.get(name) ?? NaN);
