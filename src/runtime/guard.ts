import { now } from "./clock.ts";
import { failureOf } from "./failure.ts";
import { log, warnOnce } from "./self-log.ts";

/** Counter of the failures of a part. */
type Count = (part: string, failures: number) => void;

let countFailures: Count = () => {};

/** Sets the counter of failures. The metrics depend on this module, so they register here. */
export function countFailuresBy(count: Count): void {
  countFailures = count;
}

/** Failures within the period that switch a part off. */
const MAX_FAILURES = 100;
const PERIOD_NS = 60_000_000_000n;

/** First and longest pause of a part. Each pause is twice as long as the one before. */
const MIN_PAUSE_MS = 30_000;
const MAX_PAUSE_MS = 3_600_000;
/** Time without a failure after which the pause is the first one again. */
const FORGOTTEN_NS = 7_200_000_000_000n;

/** Distinct failures of a part that are logged, and failures that are parsed for it. All failures are counted. */
const MAX_REASONS = 5;
const MAX_READ = 100;

/**
 * Boundary between a part of our code and the application. A failure leaves one call unobserved. It is counted, and
 * logged once for each location. A part that fails often is switched off and retried later.
 *
 * Every entry into our code goes through a guard. Create one guard for each part (`new Guard("alerts")`), and use
 * - `attempt(code)` in a call that we have wrapped: runs the code now and returns its result or undefined;
 * - `callback(code)` for a callback of a timer, emitter, channel, promise, signal or finalizer: also handles a promise
 *   that `code` returns. For work that must happen even while the part is off (settle, close, resolve);
 * - `whileEnabled(code)`, the same for work that can be skipped while the part is off;
 * - `watch(promise)` for a promise that is not awaited, instead of `void promise`;
 * - `if (guard.enabled)` on the hot path, with `guard.failed(error)` in a `catch` of its own.
 *
 * `test/src/guarded-entries.test.ts` finds callbacks without a guard.
 */
export class Guard {
  /** True if the part is on. Read-only for callers; a field, because each call reads it. */
  enabled = true;
  readonly #part: string;
  #isWanted = true;
  #failures = 0;
  #since = 0n;
  #pause = MIN_PAUSE_MS;
  #isReported = false;
  #read = 0;
  readonly #reasons = new Set<string>();

  constructor(part: string) {
    this.#part = part;
  }

  /** Counts failures. Called with 0 when a part starts, so that an alert detects the first failure. */
  count(failures: number): void {
    countFailures(this.#part, failures);
  }

  /**
   * Runs our code now and catches its failure, which must not reach the application.
   * @returns the result; undefined if the code failed
   */
  attempt<Result>(code: () => Result): Result | undefined {
    try {
      return code();
    } catch (error) {
      this.failed(error);
      return undefined;
    }
  }

  /** Wraps our code for a caller outside of it. */
  callback<Args extends unknown[]>(code: (...args: Args) => unknown): (...args: Args) => void {
    return (...args) => {
      try {
        const result = code(...args);
        if (result instanceof Promise) this.watch(result);
      } catch (error) {
        this.failed(error);
      }
    };
  }

  /** Wraps our code for a caller outside of it. The code is skipped while the part is off. */
  whileEnabled<Args extends unknown[]>(code: (...args: Args) => unknown): (...args: Args) => void {
    const guarded = this.callback(code);
    return (...args) => {
      if (this.enabled) guarded(...args);
    };
  }

  /** Handles the rejection of a promise that is not awaited. */
  watch(promise: Promise<unknown>): void {
    promise.then(undefined, (error: unknown) => this.failed(error));
  }

  /** Reports a failure of our own code. Never throws, whatever was thrown. */
  failed(error: unknown): void {
    try {
      this.count(1);
      this.#report(error);
      this.#weigh();
    } catch {
      // The report itself failed; there is no other channel.
    }
  }

  enable(): void {
    this.#isWanted = true;
    this.enabled = true;
  }

  disable(): void {
    this.#isWanted = false;
    this.enabled = false;
  }

  #report(error: unknown): void {
    if (this.#reasons.size >= MAX_REASONS || this.#read++ >= MAX_READ) return;
    const { key, text } = failureOf(error);
    if (this.#reasons.has(key)) return;
    this.#reasons.add(key);
    warnOnce(
      `[${this.#part}] failed, which leaves this one call unobserved; the application is not affected: ${text()}`,
    );
  }

  /** Switches the part off if it fails often. */
  #weigh(): void {
    const timestamp = now();
    const age = timestamp - this.#since;
    if (age > PERIOD_NS) {
      this.#since = timestamp;
      this.#failures = 0;
      if (age > FORGOTTEN_NS) this.#pause = MIN_PAUSE_MS;
    }
    if (++this.#failures >= MAX_FAILURES && this.enabled) this.#pauseFor(this.#pause);
  }

  #pauseFor(milliseconds: number): void {
    this.enabled = false;
    this.#failures = 0;
    this.#pause = Math.min(milliseconds * 2, MAX_PAUSE_MS);
    setTimeout(() => {
      this.enabled = this.#isWanted;
    }, milliseconds).unref();
    const message = `[${this.#part}] failed ${MAX_FAILURES} times within a minute and is off for ${milliseconds / 1000} s`;
    if (this.#isReported) return log.info(message);
    this.#isReported = true;
    log.error(`${message}; the application is not affected, and it is tried again from time to time`);
  }
}
