/** Events about one statement that may be emitted in a minute. */
export const EVENTS_A_MINUTE = 10;
/** Stacks that may be read in a minute for potential events. */
export const SITES_A_MINUTE = 100;

const MINUTE = 60_000_000_000n;

/** Rate limit of frequent events: a fixed number a minute. The next event reports how many were suppressed. */
export class RateLimit {
  readonly #limit: number;
  #since = 0n;
  #emitted = 0;
  #suppressed = 0;

  constructor(limit: number = EVENTS_A_MINUTE) {
    this.#limit = limit;
  }

  /** Tells whether an event at this time would be emitted. */
  isAvailable(timestamp: bigint): boolean {
    return this.#emitted < this.#limit || timestamp - this.#since >= MINUTE;
  }

  /**
   * Takes one event from the limit.
   * @returns the number of events suppressed since the last one; undefined if this one is suppressed too
   */
  tryAcquire(timestamp: bigint): number | undefined {
    if (!this.isAvailable(timestamp)) {
      this.#suppressed++;
      return undefined;
    }
    if (this.#emitted === 0 || timestamp - this.#since >= MINUTE) {
      this.#since = timestamp;
      this.#emitted = 0;
    }
    this.#emitted++;
    const suppressed = this.#suppressed;
    this.#suppressed = 0;
    return suppressed;
  }
}

const limits = new WeakMap<object, WeakMap<object, RateLimit>>();

/**
 * Returns the rate limit that belongs to an object, such as the series that counts the reported operations.
 * @param kind distinguishes several limits of one object
 */
export function rateLimitOf(owner: object, kind: object = owner, limit: number = EVENTS_A_MINUTE): RateLimit {
  let kinds = limits.get(owner);
  if (kinds === undefined) {
    kinds = new WeakMap();
    limits.set(owner, kinds);
  }
  let limitOfKind = kinds.get(kind);
  if (limitOfKind === undefined) {
    limitOfKind = new RateLimit(limit);
    kinds.set(kind, limitOfKind);
  }
  return limitOfKind;
}
