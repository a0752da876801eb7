import { setTimeout as wait } from "node:timers/promises";

/** The longest pause between two runs. */
const MAX_PAUSE_MS = 1_000;

/**
 * Runs something that is costly for whoever asks for it: one run at a time, shared by those who ask meanwhile, and
 * after each a pause as long as it took, so that however many ask, half of the time at most is spent on it.
 */
export class SharedRun<T> {
  readonly #work: () => Promise<T>;
  #run: Promise<T> | undefined;
  #pausedUntil = 0;

  constructor(work: () => Promise<T>) {
    this.#work = work;
  }

  result(): Promise<T> {
    this.#run ??= this.#begin().finally(() => (this.#run = undefined));
    return this.#run;
  }

  /** Does a part of the work that is left until after the run. */
  rest<R>(work: () => R): R {
    const start = performance.now();
    try {
      return work();
    } finally {
      this.#pauseFor(performance.now() - start);
    }
  }

  async #begin(): Promise<T> {
    const pause = this.#pausedUntil - performance.now();
    if (pause > 0) await wait(pause, undefined, { ref: false });
    const start = performance.now();
    try {
      return await this.#work();
    } finally {
      this.#pauseFor(performance.now() - start);
    }
  }

  #pauseFor(milliseconds: number): void {
    const now = performance.now();
    this.#pausedUntil = Math.min(Math.max(this.#pausedUntil, now) + milliseconds, now + MAX_PAUSE_MS);
  }
}
