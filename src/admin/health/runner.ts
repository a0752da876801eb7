import { ATTR_ERROR_TYPE, ATTR_HEALTH_CHECK_NAME, METRIC_HEALTH_CHECK_DURATION } from "../../../semconv/index.ts";
import { errorType } from "../../runtime/error-type.ts";
import { hotMetrics } from "../../metrics/registry.ts";
import { now } from "../../runtime/clock.ts";
import type { HealthCheck, Verdict } from "../../health/check.ts";
import { plain } from "./redact-message.ts";
import { Status } from "./status.ts";

const durations = hotMetrics.instrument(METRIC_HEALTH_CHECK_DURATION);

/** A verdict, when it was found and how long that took. */
export interface CheckResult extends Verdict {
  /** Milliseconds of Unix time. */
  readonly time: number;
  readonly milliseconds: number;
}

/** `error.type` of a check that did not answer in time. */
const TIMEOUT = "timeout";

/** Runs one check: never twice at a time, and not more often than its interval. */
export class Runner {
  readonly check: HealthCheck;
  readonly status: Status;
  #last: CheckResult | undefined;
  /** When the last result was found, and when the last run began: on a clock that is never set. */
  #foundAt = 0n;
  #startedAt = 0n;
  #current: Promise<CheckResult> | undefined;
  /** Whether a run goes on, which may be so long after its time was over. */
  #isRunning = false;

  constructor(check: HealthCheck) {
    this.check = check;
    this.status = new Status(check.type, check.name);
  }

  /** Returns a result no older than the interval: a run that has not come back within its time is a result too. Never rejects. */
  async result(): Promise<CheckResult> {
    const age = Number(now() - this.#foundAt) / 1e6;
    if (this.#last !== undefined && age < this.check.interval) return this.#last;
    if (this.#current === undefined && this.#isRunning) return this.#overdue();
    this.#current ??= this.#run().finally(() => (this.#current = undefined));
    return this.#current;
  }

  async #run(): Promise<CheckResult> {
    this.#startedAt = now();
    const { verdict, failure } = await this.#attempt();
    const nanoseconds = Number(now() - this.#startedAt);
    durations.bind({ [ATTR_HEALTH_CHECK_NAME]: this.check.name, [ATTR_ERROR_TYPE]: failure }).record(nanoseconds);
    return this.#found(verdict, nanoseconds);
  }

  #overdue(): CheckResult {
    const nanoseconds = Number(now() - this.#startedAt);
    return this.#found(failed(`no answer for ${Math.round(nanoseconds / 1e6)} ms`), nanoseconds);
  }

  #found(verdict: Verdict, nanoseconds: number): CheckResult {
    const message = verdict.message === undefined ? undefined : plain(verdict.message);
    this.#foundAt = now();
    this.#last = { state: verdict.state, message, time: Date.now(), milliseconds: nanoseconds / 1e6 };
    this.status.changed(verdict.state, message);
    return this.#last;
  }

  /** @returns the verdict, and the `error.type` of a check that came to none */
  async #attempt(): Promise<{ readonly verdict: Verdict; readonly failure?: string }> {
    const abort = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, this.check.timeout, undefined).unref();
    });
    this.#isRunning = true;
    // In a function of its own, so that what it throws at once is a rejection too.
    const run = (async () => this.check.run(abort.signal))().finally(() => (this.#isRunning = false));
    try {
      const verdict = await Promise.race([run, late]);
      if (verdict !== undefined) return { verdict };
      abort.abort();
      // It is over for us, however it ends.
      run.catch(() => {});
      return { verdict: failed(`no answer within ${this.check.timeout} ms`), failure: TIMEOUT };
    } catch (error) {
      const failure = errorType(error);
      return { verdict: failed(`failed with ${failure}`), failure };
    } finally {
      clearTimeout(timer);
    }
  }
}

const failed = (message: string): Verdict => ({ state: "unhealthy", message });
