/** Commits to learn from at first; each of them is looked at. */
const FIRST = 16;
/** A commit is slow that takes so many times what commits do. A look costs a tenth of what such a commit does. */
const SLOW = 2;

/** What commits of a connection take that run no checkpoint. */
export class TypicalCommit {
  /** Moving average, in nanoseconds. */
  #typical = Infinity;
  #slow = 0;
  #learned = 0;

  /** Whether it took long enough to have run a checkpoint. */
  isSlow(nanoseconds: number): boolean {
    return nanoseconds > this.#slow;
  }

  /** One outlier must not hide the next hundred checkpoints. */
  learn(nanoseconds: number): void {
    if (this.#learned < FIRST) {
      this.#learned++;
      this.#typical = Math.min(this.#typical, nanoseconds);
    } else {
      this.#typical += (Math.min(nanoseconds, 2 * this.#typical) - this.#typical) / 16;
      this.#slow = SLOW * this.#typical;
    }
  }

  /** How much of a commit that ran a checkpoint is likely its own; undefined if all of it may be. */
  ownPartOf(nanoseconds: number): number | undefined {
    const own = Math.round(this.#typical);
    return nanoseconds > own ? own : undefined;
  }
}
