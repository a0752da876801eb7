import { now } from "./clock.ts";
import { failureOf } from "./failure.ts";
import { log, warnOnce } from "./self-log.ts";

/** Counts failures of a part. */
type Count = (part: string, failures: number) => void;

let countFailures: Count = () => {};

/** Has failures counted by what has the metrics, which stand on this. */
export function countFailuresBy(count: Count): void {
  countFailures = count;
}

/** Failures within the period that switch a part off. */
const MAX_FAILURES = 100;
const PERIOD_NS = 60_000_000_000n;

/** How long a part stays off: twice as long each time, from the first to the last. */
const MIN_PAUSE_MS = 30_000;
const MAX_PAUSE_MS = 3_600_000;
/** Without a failure for so long, it starts with the first again. */
const FORGOTTEN_NS = 7_200_000_000_000n;

/** Distinct failures of a part that are logged, and failures that are read to tell; all are counted. */
const MAX_REASONS = 5;
const MAX_READ = 100;

/**
 * Stands between a part of our code and the application. A failure leaves the one call unobserved: it is counted, and
 * logged once for each place it happens at. A part that fails often is switched off, and tried again later.
 *
 * Everything that calls us goes through it. Make one guard for each part (`new Guard("alerts")`), and use
 * - `attempt(code)` in a call we have wrapped: runs it now, returns its result or undefined;
 * - `callback(code)` for what is handed to a timer, emitter, channel, promise, signal or finalizer: also takes care of
 *   a promise that `code` returns. What has to happen even where the part is off (settle, close, resolve);
 * - `whileEnabled(code)`, the same for work that can be left out while the part is off;
 * - `watch(promise)` for a promise that no one waits for, instead of `void promise`;
 * - `if (guard.enabled)` on the hot path, with `guard.failed(error)` in a `catch` of its own.
 *
 * `test/src/guarded-entries.test.ts` finds a callback that does not.
 */
export class Guard {
  /** Whether the part is on. To be read only: a field, because it is read for each call. */
  enabled = true;
  readonly #part: string;
  #isWanted = true;
  #failures = 0;
  #since = 0n;
  #pause = MIN_PAUSE_MS;
  #isTold = false;
  #read = 0;
  readonly #reasons = new Set<string>();

  constructor(part: string) {
    this.#part = part;
  }

  /** Counts failures; none at the start of a part, so that an alert sees the first one. */
  count(failures: number): void {
    countFailures(this.#part, failures);
  }

  /** Runs code of ours now, so that its failure is not the application's. @returns its result; undefined if it failed */
  attempt<Result>(code: () => Result): Result | undefined {
    try {
      return code();
    } catch (error) {
      this.failed(error);
      return undefined;
    }
  }

  /** Wraps code of ours that something else calls. */
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

  /** Wraps code of ours that something else calls, and that is left out while the part is off. */
  whileEnabled<Args extends unknown[]>(code: (...args: Args) => unknown): (...args: Args) => void {
    const guarded = this.callback(code);
    return (...args) => {
      if (this.enabled) guarded(...args);
    };
  }

  /** Takes care of the rejection of a promise that no one waits for. */
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
      // There is no one left to tell.
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
    const moment = now();
    const age = moment - this.#since;
    if (age > PERIOD_NS) {
      this.#since = moment;
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
    if (this.#isTold) return log.info(message);
    this.#isTold = true;
    log.error(`${message}; the application is not affected, and it is tried again from time to time`);
  }
}
