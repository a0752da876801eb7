import { ATTR_ERROR_TYPE, ATTR_HEALTH_CHECK_NAME, METRIC_HEALTH_CHECK_DURATION } from "../../../semconv/index.ts";
import { errorType } from "../../runtime/error-type.ts";
import { metricRegistry } from "../../metrics/registry.ts";
import { now } from "../../runtime/clock.ts";
import type { HealthCheck, Verdict } from "../../health/check.ts";
import { redactMessage } from "./redact-message.ts";
import { ReportedState } from "./reported-state.ts";

const durations = metricRegistry.instrument(METRIC_HEALTH_CHECK_DURATION);

/** Verdict, with its time and the duration of the check. */
export interface CheckResult extends Verdict {
  /** Unix time in milliseconds. */
  readonly time: number;
  readonly milliseconds: number;
}

/** `error.type` of a check that timed out. */
const TIMEOUT = "timeout";

/** Runner of one check: it never runs concurrently with itself, nor more often than its interval. */
export class Runner {
  readonly check: HealthCheck;
  readonly status: ReportedState;
  #last: CheckResult | undefined;
  /** Times of the last result and of the start of the last run, on the monotonic clock. */
  #foundAt = 0n;
  #startedAt = 0n;
  #current: Promise<CheckResult> | undefined;
  /** True while a run is in progress, possibly long after its timeout. */
  #isRunning = false;

  constructor(check: HealthCheck) {
    this.check = check;
    this.status = new ReportedState(check.type, check.name);
  }

  /** Returns a result no older than the interval; a run that timed out is a result as well. Never rejects. */
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
    const message = verdict.message === undefined ? undefined : redactMessage(verdict.message);
    this.#foundAt = now();
    this.#last = { state: verdict.state, message, time: Date.now(), milliseconds: nanoseconds / 1e6 };
    this.status.changed(verdict.state, message);
    return this.#last;
  }

  /**
   * Runs the check.
   * @returns the verdict, and the `error.type` of a check that produced none
   */
  async #attempt(): Promise<{ readonly verdict: Verdict; readonly failure?: string }> {
    const abort = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, this.check.timeout, undefined).unref();
    });
    this.#isRunning = true;
    // In an async function, so that a synchronous exception becomes a rejection.
    const run = (async () => this.check.run(abort.signal))().finally(() => (this.#isRunning = false));
    try {
      const verdict = await Promise.race([run, late]);
      if (verdict !== undefined) return { verdict };
      abort.abort();
      // The outcome of the run is ignored.
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
