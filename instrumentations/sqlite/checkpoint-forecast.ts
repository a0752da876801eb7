/** Fraction of the way to the next checkpoint during which none is expected. */
const FAR = 0.7;

/**
 * Forecasts the automatic checkpoint, which runs when the log has grown to a number of pages. Observing a commit costs
 * a tenth of a short one, so only commits that may checkpoint are observed.
 */
export class CheckpointForecast {
  /** Pages of the log when they were last counted, and the average number that a commit added until then. */
  #pages = 0;
  #pagesPerCommit = 0;
  /** Commits since then, and the count at which the pages are counted again. */
  #commits = 0;
  #next = 1;

  /** Tells whether the next commit may checkpoint. */
  isNear(limit: number): boolean {
    return this.#pages + 2 * this.#pagesPerCommit * (this.#commits + 1) >= FAR * limit;
  }

  /**
   * Counts a commit.
   * @returns true if the pages are to be counted
   */
  committed(): boolean {
    return ++this.#commits >= this.#next;
  }

  /** Records that the log restarts. */
  checkpointed(): void {
    this.#pages = 0;
    this.#commits = 0;
    this.#next = 1;
  }

  counted(pages: number, limit: number): void {
    const grown = pages - this.#pages;
    if (grown > 0) this.#pagesPerCommit = grown / this.#commits;
    this.#pages = pages;
    this.#commits = 0;
    const left = FAR * limit - pages;
    this.#next = left <= 0 ? Infinity : Math.max(1, Math.floor(left / (2 * Math.max(1, this.#pagesPerCommit))));
  }
}
