import type { Attributes } from "@opentelemetry/api";
import { METRIC_STORAGE_INSTRUMENTATION_TIMING_INTERVAL, type AttributesOf } from "../../semconv/index.ts";
import { now } from "../runtime/clock.ts";
import type { GaugeSeries } from "../metrics/series.ts";
import { metricRegistry } from "../metrics/registry.ts";

const intervals = metricRegistry.instrument(METRIC_STORAGE_INSTRUMENTATION_TIMING_INTERVAL);

/** Limit on the cost of timing. */
export const timingPolicy: {
  /** Ratio of a thread's time that timing the operations of one database may take; 0 for no limit. */
  ratio: number;
  /** Clock by which the rate of runs is measured. */
  clock: () => bigint;
} = { ratio: 0, clock: now };

/** Timed runs between two checks of the rate. */
const BATCH = 64;

/**
 * Minimum nanoseconds between two checks. Shorter bursts, such as the operations of one request, are timed whatever
 * their rate.
 */
const WINDOW = 20e6;

/** Maximum interval: a minute at a rate that matters still leaves a distribution. */
const MAX_INTERVAL = 64;

/**
 * Governor of the timing of a database: all operations are timed until reading the clock would exceed its ratio of the
 * time, then one in N. Which one is random, as a repeated pattern would otherwise be timed at the same place each time.
 */
class Governor {
  readonly #series: GaugeSeries;
  #interval = 1;
  /** Runs since the last check, and timed runs until the next. */
  #runs = 0;
  #left = BATCH;
  #since = timingPolicy.clock();

  constructor(series: GaugeSeries) {
    this.#series = series;
    series.set(1);
  }

  /** True if not every run is timed. */
  get isSampling(): boolean {
    return this.#interval > 1;
  }

  /**
   * Counts a timed run. To be called for each.
   * @param timings number of times that the clock was read twice for it, such as once for each step of an iteration
   * @returns the number of following runs of its operation that are not timed
   */
  skip(timings = 1): number {
    if (--this.#left === 0) this.#look();
    const skipped = this.#interval === 1 ? 0 : Math.floor(Math.random() * (2 * this.#interval - 1));
    this.#runs += timings * (1 + skipped);
    return skipped;
  }

  #look(): void {
    this.#left = BATCH;
    const timestamp = timingPolicy.clock();
    const elapsed = Number(timestamp - this.#since);
    if (elapsed < WINDOW) return;
    const share = (this.#runs / elapsed) * timingCost();
    this.#since = timestamp;
    this.#runs = 0;
    const wanted = timingPolicy.ratio === 0 ? 1 : Math.ceil(share / timingPolicy.ratio);
    // Rises at once and falls by half: a short pause does not mean that the burst is over.
    this.#interval = Math.min(MAX_INTERVAL, Math.max(wanted, this.#interval >> 1));
    this.#series.set(this.#interval);
  }
}

export type { Governor };

/** Governors by series: connections to one database share one. */
const governors = new WeakMap<GaugeSeries, Governor>();

/** Returns the governor of a database. */
export function governorOf(
  attributes: Attributes & AttributesOf<typeof METRIC_STORAGE_INSTRUMENTATION_TIMING_INTERVAL>,
): Governor {
  const series = intervals.bind(attributes);
  const governor = governors.get(series) ?? new Governor(series);
  governors.set(series, governor);
  return governor;
}

let cost: number | undefined;

/**
 * Factor for cold caches: two consecutive reads of the clock take a quarter of what they take around the work of an
 * engine.
 */
const COLD = 4;

/** Returns the nanoseconds that timing one run takes on this machine. */
function timingCost(): number {
  cost ??= COLD * clockPair();
  return cost;
}

const PAIRS = 100;

function clockPair(): number {
  let best = Infinity;
  for (let attempt = 0; attempt < 3; attempt++) {
    const start = now();
    for (let i = 0; i < PAIRS; i++) {
      now();
      now();
    }
    best = Math.min(best, Number(now() - start) / PAIRS);
  }
  return best;
}
