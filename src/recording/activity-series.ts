import type { Attributes } from "@opentelemetry/api";
import { ATTR_ERROR_TYPE, type ActivityKind, type Measure } from "../../semconv/index.ts";
import type { Definition } from "../metrics/definition.ts";
import type { HistogramSeries } from "../metrics/histogram.ts";
import { metricRegistry, type Instrument } from "../metrics/registry.ts";
import { SumSeries, type GaugeSeries } from "../metrics/series.ts";
import { recordWithin, type Rollup } from "./rollup.ts";

/** Size of a run, in the units of its kind's metrics. */
export interface Measured {
  /** Number of pages, results, records, or whatever the kind counts. */
  readonly items?: number | undefined;
  readonly bytes?: number | undefined;
}

/** One run as the metrics see it. */
export interface MeasuredRun extends Measured {
  readonly nanoseconds: number;
  /** `error.type` of a run that failed. */
  readonly failure?: string | undefined;
  /** Rollup of the span it ran in; null if none records. */
  readonly rollup: Rollup | null;
  /** Unix time of its end, in milliseconds; now by default. */
  readonly end?: number | undefined;
}

const instrumentOf = ({ metric }: Measure): Instrument => metricRegistry.instrument(metric as Definition);

/** Series of the runs of one kind with the same attributes: those of the metrics that the registry names for the kind. */
export class ActivitySeries {
  readonly #kind: ActivityKind;
  readonly #attributes: Attributes;
  #duration: HistogramSeries | undefined;
  /** Bound once: a search can take less than binding. */
  readonly #measures = new Map<Measure, HistogramSeries | SumSeries>();

  constructor(kind: ActivityKind, attributes: Attributes) {
    this.#kind = kind;
    this.#attributes = attributes;
  }

  record({ nanoseconds, failure, rollup, items, bytes, end }: MeasuredRun): void {
    const { lastSuccess, items: itemsOf, bytes: bytesOf } = this.#kind;
    recordWithin(rollup, this.#durationOf(failure), nanoseconds);
    if (failure === undefined && lastSuccess !== undefined)
      (instrumentOf(lastSuccess).bind(this.#attributes) as GaugeSeries).set((end ?? Date.now()) / 1000);
    if (itemsOf !== undefined && items !== undefined) this.#measure(itemsOf, items);
    if (bytesOf !== undefined && bytes !== undefined) this.#measure(bytesOf, bytes);
  }

  #durationOf(failure: string | undefined): HistogramSeries {
    const { duration } = this.#kind;
    const bind = (attributes: Attributes): HistogramSeries =>
      instrumentOf(duration).bind(attributes) as HistogramSeries;
    if (failure !== undefined) return bind({ ...this.#attributes, [ATTR_ERROR_TYPE]: failure });
    return (this.#duration ??= bind(this.#attributes));
  }

  #measure(measure: Measure, value: number): void {
    let series = this.#measures.get(measure);
    if (series === undefined) {
      series = instrumentOf(measure).bind(this.#attributes) as HistogramSeries | SumSeries;
      this.#measures.set(measure, series);
    }
    if (series instanceof SumSeries) series.add(value);
    else series.record(value);
  }
}
