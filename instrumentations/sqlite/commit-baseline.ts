/** Commits of the initial learning phase; each of them is checked for a checkpoint. */
const FIRST = 16;

/** Minimum ratio of a slow commit's duration to the typical one. */
const SLOW = 2;

/**
 * Nanoseconds of one check for a checkpoint. If commit durations vary, the threshold of a slow commit is raised until
 * unsuccessful checks take at most this share of the time of commits: each one raises it by a factor, and each commit
 * lowers it to match.
 */
const LOOK = 40_000;
const SHARE = 0.005;
const RAISED = 1.2;
const LOWERED = (Math.log(RAISED) * SHARE) / LOOK;

/** Minimum nanoseconds to transfer a page to the database: it is read and written. */
const PAGE = 500;

/** Typical duration of a connection's commits that run no checkpoint. */
export class TypicalCommit {
  /** Moving average, in nanoseconds. */
  #typical = Infinity;
  #times = SLOW;
  #slow = 0;
  #learned = 0;

  /**
   * Tells whether a commit took long enough to have run a checkpoint.
   * @param pages of the log at which a commit checkpoints it; Infinity if unknown
   */
  isSlow(nanoseconds: number, pages: number): boolean {
    return nanoseconds > this.#slow || nanoseconds > this.#typical + PAGE * pages;
  }

  /** Learns from a commit without a checkpoint. One outlier must not hide the next hundred checkpoints. */
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

  /**
   * Returns the estimated duration of a commit without the checkpoint it ran; undefined if the commit may account for
   * all of it.
   */
  ownPartOf(nanoseconds: number): number | undefined {
    const own = Math.round(this.#typical);
    return nanoseconds > own ? own : undefined;
  }
}
