/** Something as it was at a moment, in seconds of the clock of `performance.now()`. */
export interface Sample<T> {
  readonly time: number;
  readonly value: T;
}

/** Samples kept; more often than that in a window is not looked. */
const MOST = 60;

/** What something was at the beginning of the last so many seconds. */
export class Window<T> {
  readonly #seconds: number;
  readonly #samples: Sample<T>[];

  /** @param before what was earlier, if that is known */
  constructor(seconds: number, before?: Sample<T>) {
    this.#seconds = seconds;
    this.#samples = before === undefined ? [] : [before];
  }

  /** Adds what is now. @returns what was at the beginning; the same if nothing was before */
  add(value: T): Sample<T> {
    const time = performance.now() / 1000;
    const newest = this.#samples.at(-1);
    if (newest === undefined || time - newest.time >= this.#seconds / MOST) this.#samples.push({ time, value });
    // The last one from before the window is its beginning.
    while (this.#samples.length > 1 && this.#samples[1]!.time <= time - this.#seconds) this.#samples.shift();
    return this.#samples[0]!;
  }
}
