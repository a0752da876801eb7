/** Of the way to the next checkpoint, the part on which it is not expected yet. */
const FAR = 0.7;

/**
 * Expects the automatic checkpoint, which comes when the log has grown to so many pages: having a commit watched
 * costs a tenth of what a short one takes, so it is done only where a checkpoint may be in it.
 */
export class CheckpointForecast {
  /** Pages of the log when they were last counted, and what a commit added to them on the way there. */
  #pages = 0;
  #pagesPerCommit = 0;
  /** Commits since then, and the number of them at which the pages are worth counting again. */
  #commits = 0;
  #next = 1;

  /** Whether the next commit may checkpoint. */
  isNear(limit: number): boolean {
    return this.#pages + 2 * this.#pagesPerCommit * (this.#commits + 1) >= FAR * limit;
  }

  /** @returns whether the pages are to be counted */
  committed(): boolean {
    return ++this.#commits >= this.#next;
  }

  /** The log begins anew. */
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
