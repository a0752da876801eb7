import type { Attributes } from "@opentelemetry/api";
import type { Cell, HotMetrics, Instrument } from "./registry.ts";
import { totalOf } from "./totals.ts";

/** Moments that are remembered. */
const MOMENTS = 60;
/** Series that are remembered: half a kilobyte each. */
const MOST_SERIES = 500;

interface Track {
  readonly name: string;
  readonly attributes: Attributes;
  /** By the moment's place; NaN before the series began. */
  readonly values: Float64Array;
  /** The number of the last moment at which the series was there. */
  seenAt: number;
}

/** The last values of one series: of a histogram, how many there were. */
export interface PastSeries {
  readonly name: string;
  readonly attributes: Attributes;
  /** One for each time; null before the series began. */
  readonly values: readonly (number | null)[];
}

/** What there was to be seen lately. */
export interface Past {
  /** ISO 8601, the oldest first. */
  readonly times: readonly string[];
  /** Series that there was no room for. */
  readonly omitted: number;
  readonly series: readonly PastSeries[];
}

/** The last values of the metrics, for who comes when it is over and has no Prometheus that remembers. */
export class History {
  readonly #metrics: HotMetrics;
  readonly #tracks = new Map<Cell, Track>();
  readonly #times = new Float64Array(MOMENTS);
  /** Moments that were recorded. */
  #count = 0;
  #omitted = 0;

  constructor(metrics: HotMetrics) {
    this.#metrics = metrics;
  }

  /** Remembers the values of this moment. */
  record(): void {
    this.#metrics.poll();
    const at = this.#count++ % MOMENTS;
    this.#times[at] = Date.now();
    this.#omitted = 0;
    for (const instrument of this.#metrics.instruments()) {
      for (const cell of instrument.cells()) {
        const track = this.#trackOf(instrument, cell);
        if (track === undefined) this.#omitted++;
        else track.values[at] = totalOf(instrument, cell);
        if (track !== undefined) track.seenAt = this.#count;
      }
    }
    this.#forget(at);
  }

  /** Series of databases that were closed end; what there was of them goes with the last value that is remembered. */
  #forget(at: number): void {
    for (const [cell, track] of this.#tracks) {
      if (track.seenAt === this.#count) continue;
      track.values[at] = NaN;
      if (this.#count - track.seenAt >= MOMENTS) this.#tracks.delete(cell);
    }
  }

  /** @param prefix what the names of the series begin with */
  past(prefix: string): Past {
    const places = Array.from({ length: Math.min(this.#count, MOMENTS) }, (_, i) =>
      this.#count <= MOMENTS ? i : (this.#count + i) % MOMENTS,
    );
    const tracks = [...this.#tracks.values()].filter(({ name }) => name.startsWith(prefix));
    return {
      times: places.map((at) => new Date(this.#times[at]!).toISOString()),
      omitted: this.#omitted,
      series: tracks.map(({ name, attributes, values }) => ({
        name,
        attributes,
        values: places.map((at) => (Number.isNaN(values[at]) ? null : values[at]!)),
      })),
    };
  }

  #trackOf(instrument: Instrument, cell: Cell): Track | undefined {
    const known = this.#tracks.get(cell);
    if (known !== undefined || this.#tracks.size >= MOST_SERIES) return known;
    const values = new Float64Array(MOMENTS).fill(NaN);
    const track = { name: instrument.definition.name, attributes: cell.attributes, values, seenAt: 0 };
    this.#tracks.set(cell, track);
    return track;
  }
}
