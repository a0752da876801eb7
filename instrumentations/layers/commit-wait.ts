import {
  ATTR_STORAGE_MEASUREMENT,
  METRIC_STORAGE_TRANSACTION_COMMIT_OFF_CPU_DURATION,
  STORAGE_MEASUREMENT_VALUE_SAMPLED,
} from "../../semconv/index.ts";
import type { Database } from "../../src/database.ts";
import type { HistogramCell } from "../../src/metrics/histogram.ts";
import { hotMetrics } from "../../src/metrics/instruments.ts";

const offCpu = hotMetrics.instrument(METRIC_STORAGE_TRANSACTION_COMMIT_OFF_CPU_DURATION);

/** Asking for the time of the processor costs some percent of a short commit, so one commit in so many is measured. Odd, as many applications commit in pairs. */
const INTERVAL = 17;

/** Since Node.js 22.19. */
const cpuUsage = (process as { threadCpuUsage?: NodeJS.Process["cpuUsage"] }).threadCpuUsage?.bind(process);

/**
 * Time for which commits wait, be it for a disk or for a lock: what they take less what the processor takes for them.
 * No engine that is called from JavaScript tells how long a sync of its log takes; this is as near as one gets.
 */
export class CommitWait {
  readonly #offCpu: HistogramCell | undefined;
  #commits = 0;
  #before: NodeJS.CpuUsage | undefined;

  constructor({ attributes }: Database) {
    if (cpuUsage === undefined) return;
    this.#offCpu = offCpu.bind({ ...attributes, [ATTR_STORAGE_MEASUREMENT]: STORAGE_MEASUREMENT_VALUE_SAMPLED });
  }

  before(): void {
    if (this.#commits++ % INTERVAL === 0) this.#before = cpuUsage?.();
  }

  committed({ nanoseconds }: { readonly nanoseconds: number }): void {
    if (this.#before === undefined) return;
    const { user, system } = cpuUsage!(this.#before);
    this.#offCpu!.record(Math.max(0, nanoseconds - (user + system) * 1e3));
  }

  after(): void {
    this.#before = undefined;
  }
}
