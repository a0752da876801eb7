/** Events about one statement that may be emitted in a minute. */
export const EVENTS_A_MINUTE = 10;
/** Times the stack may be read in a minute for what may become an event. */
export const SITES_A_MINUTE = 100;

const MINUTE = 60_000_000_000n;

/** Keeps what happens all the time from flooding: so many events a minute, and the next one says how many were left out. */
export class RateLimit {
  readonly #limit: number;
  #since = 0n;
  #emitted = 0;
  #suppressed = 0;

  constructor(limit: number = EVENTS_A_MINUTE) {
    this.#limit = limit;
  }

  /** Whether an event would be emitted at this moment. */
  isLeft(moment: bigint): boolean {
    return this.#emitted < this.#limit || moment - this.#since >= MINUTE;
  }

  /** @returns how many events were left out since the last one; undefined if this one has to be, too */
  spend(moment: bigint): number | undefined {
    if (!this.isLeft(moment)) {
      this.#suppressed++;
      return undefined;
    }
    if (this.#emitted === 0 || moment - this.#since >= MINUTE) {
      this.#since = moment;
      this.#emitted = 0;
    }
    this.#emitted++;
    const suppressed = this.#suppressed;
    this.#suppressed = 0;
    return suppressed;
  }
}

const budgets = new WeakMap<object, RateLimit>();

/** The budget that belongs to something, such as the series that counts what the events tell of. */
export function rateLimitOf(owner: object): RateLimit {
  let budget = budgets.get(owner);
  if (budget === undefined) {
    budget = new RateLimit();
    budgets.set(owner, budget);
  }
  return budget;
}
