import type { Attributes } from "@opentelemetry/api";
import type { Series, MetricRegistry, Instrument } from "./registry.ts";
import { totalOf } from "./totals.ts";

/** Number of samples kept. */
const MOMENTS = 60;
/** Maximum series kept, at half a kilobyte each. */
const MAX_SERIES = 500;

interface Track {
  readonly name: string;
  readonly attributes: Attributes;
  /** Values by sample slot; NaN before the series began. */
  readonly values: Float64Array;
  /** Number of the last sample that included the series. */
  seenAt: number;
}

/** Recent values of one series; for a histogram, its counts. */
export interface PastSeries {
  readonly name: string;
  readonly attributes: Attributes;
  /** One value for each time; null before the series began. */
  readonly values: readonly (number | null)[];
}

/** Recent values of all series. */
export interface Past {
  /** ISO 8601 timestamps, the oldest first. */
  readonly times: readonly string[];
  /** Number of series beyond the limit. */
  readonly omitted: number;
  readonly series: readonly PastSeries[];
}

/** Recent values of the metrics, for inspection after the fact where no Prometheus stores them. */
export class History {
  readonly #metrics: MetricRegistry;
  readonly #tracks = new Map<Series, Track>();
  readonly #times = new Float64Array(MOMENTS);
  /** Number of samples recorded. */
  #count = 0;
  #omitted = 0;

  constructor(metrics: MetricRegistry) {
    this.#metrics = metrics;
  }

  /** Records a sample of all values. */
  record(): void {
    this.#metrics.poll();
    const at = this.#count++ % MOMENTS;
    this.#times[at] = Date.now();
    this.#omitted = 0;
    for (const instrument of this.#metrics.instruments()) {
      for (const series of instrument.series()) {
        const track = this.#trackOf(instrument, series);
        if (track === undefined) this.#omitted++;
        else track.values[at] = totalOf(instrument, series);
        if (track !== undefined) track.seenAt = this.#count;
      }
    }
    this.#forget(at);
  }

  /**
   * Ends the tracks of series that no longer exist, such as those of closed databases. A track is deleted with its last
   * value.
   */
  #forget(at: number): void {
    for (const [series, track] of this.#tracks) {
      if (track.seenAt === this.#count) continue;
      track.values[at] = NaN;
      if (this.#count - track.seenAt >= MOMENTS) this.#tracks.delete(series);
    }
  }

  /**
   * Returns the recent values.
   * @param prefix start of the names of the series
   */
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

  #trackOf(instrument: Instrument, series: Series): Track | undefined {
    const known = this.#tracks.get(series);
    if (known !== undefined || this.#tracks.size >= MAX_SERIES) return known;
    const values = new Float64Array(MOMENTS).fill(NaN);
    const track = { name: instrument.definition.name, attributes: series.attributes, values, seenAt: 0 };
    this.#tracks.set(series, track);
    return track;
  }
}
