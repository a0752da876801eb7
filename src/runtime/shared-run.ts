import { setTimeout as wait } from "node:timers/promises";

/** Longest pause between two runs. */
const MAX_PAUSE_MS = 1_000;

/**
 * Expensive operation that its callers share: one run at a time, whose result all callers in that time receive. A pause
 * as long as the run follows each run, so that it takes at most half of the time, however many callers there are.
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

  /** Runs a part of the work that follows the run itself; it lengthens the pause. */
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
