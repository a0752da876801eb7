/** Value at a time, in seconds of the clock of `performance.now()`. */
export interface Sample<T> {
  readonly time: number;
  readonly value: T;
}

/** Maximum samples in a window, which limits the sampling rate. */
const MAX_SAMPLES = 60;

/** Value at the beginning of a sliding window. */
export class Window<T> {
  readonly #seconds: number;
  readonly #samples: Sample<T>[];

  /**
   * @param seconds length of the window
   * @param before an earlier value, if one is known
   */
  constructor(seconds: number, before?: Sample<T>) {
    this.#seconds = seconds;
    this.#samples = before === undefined ? [] : [before];
  }

  /**
   * Adds the current value.
   * @returns the value at the beginning of the window; the current one if there is none before
   */
  add(value: T): Sample<T> {
    const time = performance.now() / 1000;
    const newest = this.#samples.at(-1);
    if (newest === undefined || time - newest.time >= this.#seconds / MAX_SAMPLES) this.#samples.push({ time, value });
    // The last sample from before the window is its beginning.
    while (this.#samples.length > 1 && this.#samples[1]!.time <= time - this.#seconds) this.#samples.shift();
    return this.#samples[0]!;
  }
}
