import {
  ATTR_STORAGE_MEASUREMENT,
  METRIC_STORAGE_TRANSACTION_COMMIT_OFF_CPU_DURATION,
  STORAGE_MEASUREMENT_VALUE_SAMPLED,
} from "../../semconv/index.ts";
import type { Database } from "../../src/recording/instance.ts";
import type { HistogramCell } from "../../src/metrics/histogram.ts";
import { hotMetrics } from "../../src/metrics/registry.ts";

const offCpu = hotMetrics.instrument(METRIC_STORAGE_TRANSACTION_COMMIT_OFF_CPU_DURATION);

/**
 * Nanoseconds from one commit that is measured to the next, on average: asking for the time of the processor takes up
 * to 40 µs where it is done rarely. Which one it is is left to chance, for what repeats itself would be measured at the
 * same place each time.
 */
const APART = 20e6;

/** After so many nanoseconds the next one is measured, however many were to go by: they have become rarer. */
const LATEST = 80_000_000n;

/** Since Node.js 22.19. */
const cpuUsage = (process as { threadCpuUsage?: NodeJS.Process["cpuUsage"] }).threadCpuUsage?.bind(process);

/**
 * Time for which commits wait, be it for a disk or for a lock: what they take less what the processor takes for them.
 * No engine that is called from JavaScript tells how long a sync of its log takes; this is as near as one gets.
 */
export class CommitWait {
  readonly #offCpu: HistogramCell | undefined;
  /** Commits since one was measured, and the number of them at which the next one is. */
  #commits = 0;
  #next = 1;
  /** When the last one began that was measured, and the moment after which the next one is in any case. */
  #last = 0n;
  #latest = 0n;
  #before: NodeJS.CpuUsage | undefined;

  constructor({ attributes }: Database) {
    if (cpuUsage === undefined) return;
    this.#offCpu = offCpu.bind({ ...attributes, [ATTR_STORAGE_MEASUREMENT]: STORAGE_MEASUREMENT_VALUE_SAMPLED });
  }

  before(): void {
    if (this.#commits + 1 >= this.#next) this.#before = cpuUsage?.();
  }

  committed({ start, nanoseconds }: { readonly start: bigint; readonly nanoseconds: number }): void {
    this.#commits++;
    if (this.#before === undefined) {
      if (start > this.#latest) this.#next = 1;
      return;
    }
    const { user, system } = cpuUsage!(this.#before);
    // It stands for those before it.
    this.#offCpu!.repeat(Math.max(0, nanoseconds - (user + system) * 1e3), this.#commits);
    this.#next = gap((APART * this.#commits) / Number(start - this.#last));
    this.#last = start;
    this.#latest = start + LATEST;
    this.#commits = 0;
  }

  after(): void {
    this.#before = undefined;
  }
}

/** A number by chance that is the given one on average. */
const gap = (average: number): number => Math.ceil(Math.random() * (2 * average - 1));
