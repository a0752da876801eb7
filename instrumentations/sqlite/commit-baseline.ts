/** Commits to learn from at first; each of them is looked at. */
const FIRST = 16;

/** A commit is slow that takes so many times what commits do, at least. */
const SLOW = 2;

/**
 * Looking for a checkpoint takes so many nanoseconds. Where commits vary, the bound of what is slow is raised until the
 * looks in vain take no more than this share of the commits: by a factor for each of them, and lowered to match.
 */
const LOOK = 40_000;
const SHARE = 0.005;
const RAISED = 1.2;
const LOWERED = (Math.log(RAISED) * SHARE) / LOOK;

/** Nanoseconds a page takes to be brought into the database, at the very least: it is read and written. */
const PAGE = 500;

/** What commits of a connection take that run no checkpoint. */
export class TypicalCommit {
  /** Moving average, in nanoseconds. */
  #typical = Infinity;
  #times = SLOW;
  #slow = 0;
  #learned = 0;

  /**
   * Whether it took long enough to have run a checkpoint.
   * @param pages of the log from which commits checkpoint it; Infinity where that is not known
   */
  isSlow(nanoseconds: number, pages: number): boolean {
    return nanoseconds > this.#slow || nanoseconds > this.#typical + PAGE * pages;
  }

  /** One outlier must not hide the next hundred checkpoints. */
  learn(nanoseconds: number): void {
    if (this.#learned < FIRST) {
      this.#learned++;
      this.#typical = Math.min(this.#typical, nanoseconds);
      return;
    }
    if (nanoseconds > this.#slow) this.#times *= RAISED;
    else this.#times = Math.max(SLOW, this.#times * (1 - LOWERED * nanoseconds));
    this.#typical += (Math.min(nanoseconds, 2 * this.#typical) - this.#typical) / 16;
    this.#slow = this.#times * this.#typical;
  }

  /** How much of a commit that ran a checkpoint is likely its own; undefined if all of it may be. */
  ownPartOf(nanoseconds: number): number | undefined {
    const own = Math.round(this.#typical);
    return nanoseconds > own ? own : undefined;
  }
}
