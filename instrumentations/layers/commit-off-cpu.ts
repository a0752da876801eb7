import {
  ATTR_STORAGE_MEASUREMENT,
  METRIC_STORAGE_TRANSACTION_COMMIT_OFF_CPU_DURATION,
  STORAGE_MEASUREMENT_VALUE_SAMPLED,
} from "../../semconv/index.ts";
import type { Instance } from "../../src/recording/instance.ts";
import type { HistogramSeries } from "../../src/metrics/histogram.ts";
import { metricRegistry } from "../../src/metrics/registry.ts";

const offCpu = metricRegistry.instrument(METRIC_STORAGE_TRANSACTION_COMMIT_OFF_CPU_DURATION);

/**
 * Average number of nanoseconds between two measured commits: reading the CPU time takes up to 40 µs if it is done
 * rarely. The measured commit is chosen at random, since a periodic workload would otherwise be measured at the same
 * point each time.
 */
const MEAN_GAP_NS = 20e6;

/**
 * Nanoseconds after which the next commit is measured, regardless of the number of commits to skip: commits have become
 * rarer.
 */
const MAX_GAP_NS = 80_000_000n;

/** Available since Node.js 22.19. */
const cpuUsage = (process as { threadCpuUsage?: NodeJS.Process["cpuUsage"] }).threadCpuUsage?.bind(process);

/**
 * Time that commits spend waiting for a disk or a lock: their duration minus their CPU time. No engine called from
 * JavaScript reports the duration of a log sync; this is the closest approximation.
 */
export class CommitWait {
  readonly #offCpu: HistogramSeries | undefined;
  /** Commits since the last measured one, and the count at which the next one is measured. */
  #commits = 0;
  #next = 1;
  /** Start of the last measured commit, and the timestamp after which the next one is measured in any case. */
  #last = 0n;
  #latest = 0n;
  #before: NodeJS.CpuUsage | undefined;

  constructor({ attributes }: Instance) {
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
    // The measurement stands for the commits skipped before it.
    this.#offCpu!.repeat(Math.max(0, nanoseconds - (user + system) * 1e3), this.#commits);
    this.#next = gap((MEAN_GAP_NS * this.#commits) / Number(start - this.#last));
    this.#last = start;
    this.#latest = start + MAX_GAP_NS;
    this.#commits = 0;
  }

  after(): void {
    this.#before = undefined;
  }
}

/** Returns a random number with a given mean. */
const gap = (average: number): number => Math.ceil(Math.random() * (2 * average - 1));
