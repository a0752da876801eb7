import { ATTR_STORAGE_DRIVER_NAME, METRIC_STORAGE_INSTRUMENTATION_ERRORS } from "../semconv/index.ts";
import { log } from "./log.ts";
import { hotMetrics } from "./metrics/instruments.ts";
import { sourceStack } from "./source-stack.ts";

const errors = hotMetrics.instrument(METRIC_STORAGE_INSTRUMENTATION_ERRORS);

/**
 * Stands between our code and the application: the first failure of an engine's instrumentation switches
 * that instrumentation off, says so once and is counted. The application never sees it.
 */
export class Guard {
  /** Whether the instrumentation is on. */
  enabled = true;
  readonly #engine: string;

  constructor(engine: string) {
    this.#engine = engine;
  }

  /** Its failures are counted from zero, so that an alert sees the first one; called where there is something to guard. */
  count(failures: number): void {
    errors.bind({ [ATTR_STORAGE_DRIVER_NAME]: this.#engine }).add(failures);
  }

  /** Runs code of ours so that its failure is not the application's. */
  attempt(code: () => void): void {
    try {
      code();
    } catch (error) {
      this.tripped(error);
    }
  }

  /** Reports a failure of our own code. */
  tripped(error: unknown): void {
    this.count(1);
    if (!this.enabled) return;
    this.enabled = false;
    const reason = error instanceof Error ? sourceStack(error) : String(error);
    log.error(`[${this.#engine}] instrumentation failed and is now off; the application is not affected: ${reason}`);
  }
}
