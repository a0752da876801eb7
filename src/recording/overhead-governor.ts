import type { Attributes } from "@opentelemetry/api";
import { METRIC_STORAGE_INSTRUMENTATION_TIMING_INTERVAL, type AttributesOf } from "../../semconv/index.ts";
import { now } from "../runtime/clock.ts";
import type { GaugeCell } from "../metrics/series.ts";
import { hotMetrics } from "../metrics/registry.ts";

const intervals = hotMetrics.instrument(METRIC_STORAGE_INSTRUMENTATION_TIMING_INTERVAL);

/** How much may be spent on timing. */
export const timingPolicy: {
  /** Share of the time of a thread that timing the operations of one database may take; 0 for any. */
  share: number;
} = { share: 0 };

/** Timed runs after which it is looked at how many there are. */
const BATCH = 64;

/** In nanoseconds; shorter bursts, such as the operations of one request, are timed whatever their rate. */
const WINDOW = 20e6;

/** At least so many are timed that a minute at the rate where it matters leaves a distribution. */
const MAX_INTERVAL = 64;

/**
 * Decides how many of the operations of a database are timed: all of them, until they are so many that reading the clock
 * would take more than its share; then one in N. Which one is left to chance, for what repeats itself would be timed
 * at the same place each time.
 */
class Governor {
  readonly #cell: GaugeCell;
  #interval = 1;
  /** Runs since the last look, and timed ones until the next. */
  #runs = 0;
  #left = BATCH;
  #since = now();

  constructor(cell: GaugeCell) {
    this.#cell = cell;
    cell.set(1);
  }

  /** Whether not every run is timed. */
  get isSampling(): boolean {
    return this.#interval > 1;
  }

  /** To be called for each timed run. @returns how many of its operation after it are not to be timed */
  skip(): number {
    if (--this.#left === 0) this.#look();
    const skipped = this.#interval === 1 ? 0 : Math.floor(Math.random() * (2 * this.#interval - 1));
    this.#runs += 1 + skipped;
    return skipped;
  }

  #look(): void {
    this.#left = BATCH;
    const moment = now();
    const elapsed = Number(moment - this.#since);
    if (elapsed < WINDOW) return;
    const share = (this.#runs / elapsed) * timingCost();
    this.#since = moment;
    this.#runs = 0;
    const wanted = timingPolicy.share === 0 ? 1 : Math.ceil(share / timingPolicy.share);
    // Up at once, down by halves: a moment of rest does not mean that the rush is over.
    this.#interval = Math.min(MAX_INTERVAL, Math.max(wanted, this.#interval >> 1));
    this.#cell.set(this.#interval);
  }
}

export type { Governor };

/** By series: connections to one database share its governor. */
const governors = new WeakMap<GaugeCell, Governor>();

/** The governor of a database. */
export function governorOf(
  attributes: Attributes & AttributesOf<typeof METRIC_STORAGE_INSTRUMENTATION_TIMING_INTERVAL>,
): Governor {
  const cell = intervals.bind(attributes);
  const governor = governors.get(cell) ?? new Governor(cell);
  governors.set(cell, governor);
  return governor;
}

let cost: number | undefined;

/** Two reads of the clock one after the other take a quarter of what they take around the work of an engine, with caches cold. */
const COLD = 4;

/** Nanoseconds that timing one run takes on this machine. */
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
