import { ValueType, type HrTime, type SpanContext } from "@opentelemetry/api";
import {
  AggregationTemporality,
  DataPointType,
  InstrumentType,
  type CollectionResult,
  type DataPoint,
  type ExponentialHistogram,
  type Histogram,
  type MetricData,
  type MetricProducer,
} from "@opentelemetry/sdk-metrics";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { anchorNow, wallTime, type Anchor } from "../clock.ts";
import { SCOPE } from "../scope.ts";
import type { GaugeCell, SumCell } from "./cells.ts";
import { explicitCounts, exponentialBuckets, type HistogramCell } from "./histogram.ts";
import type { HotMetrics, Instrument } from "./instruments.ts";

/** What a reader asks of its producer. */
export interface ProducerOptions {
  /** The reader's own choice between cumulative and delta for each instrument type. */
  readonly temporality: (type: InstrumentType) => AggregationTemporality;
  /** Whether histograms are exported with base-2 exponential buckets in place of the registry's bounds. */
  readonly exponential: boolean;
}

/** A measurement of a bucket that a trace shows. */
export interface PointExemplar {
  /** In the unit of the metric. */
  readonly value: number;
  readonly spanContext: SpanContext;
  readonly time: HrTime;
}

/** A histogram point with one exemplar a bucket, which the SDK's own type has no place for. */
export interface ExemplaryPoint extends DataPoint<Histogram> {
  readonly exemplars?: readonly (PointExemplar | undefined)[];
}

const INSTRUMENT_TYPES = {
  counter: InstrumentType.COUNTER,
  updowncounter: InstrumentType.UP_DOWN_COUNTER,
  gauge: InstrumentType.GAUGE,
  histogram: InstrumentType.HISTOGRAM,
} as const;

const VALUE_TYPES = { int: ValueType.INT, double: ValueType.DOUBLE } as const;

/** No resource of its own: the reader keeps the one of its provider. */
const NO_RESOURCE = resourceFromAttributes({});

/** The counts of a histogram up to some moment. */
interface Snapshot {
  readonly counts: Float64Array;
  readonly above: Float64Array;
  readonly sum: number;
}

/** The start of a series and of its first interval: nothing counted yet. */
const emptySnapshot = (cell: HistogramCell): Snapshot => ({
  counts: new Float64Array(cell.counts.length),
  above: new Float64Array(cell.above.length),
  sum: 0,
});

/**
 * Hands the hot metrics to one reader. Readers are independent: what a delta reader has seen is remembered
 * here, so each has a producer of its own.
 */
export class HotMetricProducer implements MetricProducer {
  readonly #metrics: HotMetrics;
  readonly #options: ProducerOptions;
  readonly #sums = new WeakMap<SumCell, number>();
  readonly #histograms = new WeakMap<HistogramCell, Snapshot>();
  #lastCollection: HrTime | undefined;

  constructor(metrics: HotMetrics, options: ProducerOptions) {
    this.#metrics = metrics;
    this.#options = options;
  }

  /** Never rejects: a reader would lose every other metric with ours. */
  async collect(): Promise<CollectionResult> {
    return this.collectNow();
  }

  collectNow(): CollectionResult {
    const errors = this.#metrics.poll();
    const metrics: MetricData[] = [];
    const moment = anchorNow();
    for (const instrument of this.#metrics.instruments()) {
      try {
        const data = this.#collect(instrument, moment);
        if (data.dataPoints.length > 0) metrics.push(data);
      } catch (error) {
        errors.push(error);
      }
    }
    this.#lastCollection = moment.wall;
    return { resourceMetrics: { resource: NO_RESOURCE, scopeMetrics: [{ scope: SCOPE, metrics }] }, errors };
  }

  #collect(instrument: Instrument, moment: Anchor): MetricData {
    const { name, description, unit, valueType, instrument: kind } = instrument.definition;
    const aggregationTemporality = this.#options.temporality(INSTRUMENT_TYPES[kind]);
    const descriptor = { name, description, unit, valueType: VALUE_TYPES[valueType] };
    const points = new PointReader(this.#sums, this.#histograms, {
      delta: aggregationTemporality === AggregationTemporality.DELTA,
      lastCollection: this.#lastCollection,
      moment,
    });
    const cells = [...instrument.cells()];
    const base = { descriptor, aggregationTemporality };
    if (kind === "gauge") {
      return { ...base, dataPointType: DataPointType.GAUGE, dataPoints: points.gauges(cells as GaugeCell[]) };
    }
    if (kind !== "histogram") {
      const isMonotonic = kind === "counter";
      return { ...base, isMonotonic, dataPointType: DataPointType.SUM, dataPoints: points.sums(cells as SumCell[]) };
    }
    return this.#options.exponential
      ? {
          ...base,
          dataPointType: DataPointType.EXPONENTIAL_HISTOGRAM,
          dataPoints: points.exponentials(cells as HistogramCell[]),
        }
      : { ...base, dataPointType: DataPointType.HISTOGRAM, dataPoints: points.histograms(cells as HistogramCell[]) };
  }
}

/** The moment and the manner of one collection. */
interface Collection {
  readonly delta: boolean;
  readonly lastCollection: HrTime | undefined;
  readonly moment: Anchor;
}

/** Turns cells into data points, for a delta reader only what was recorded since it last asked. */
class PointReader {
  readonly #sums: WeakMap<SumCell, number>;
  readonly #histograms: WeakMap<HistogramCell, Snapshot>;
  readonly #collection: Collection;

  constructor(sums: WeakMap<SumCell, number>, histograms: WeakMap<HistogramCell, Snapshot>, collection: Collection) {
    this.#sums = sums;
    this.#histograms = histograms;
    this.#collection = collection;
  }

  gauges(cells: readonly GaugeCell[]): DataPoint<number>[] {
    return cells.flatMap((cell) => (cell.value === undefined ? [] : [this.#point(cell, cell.value)]));
  }

  /** A series that did not change is left out of a delta, but sent once at the start so that it is known. */
  sums(cells: readonly SumCell[]): DataPoint<number>[] {
    const { delta } = this.#collection;
    if (!delta) return cells.map((cell) => this.#point(cell, cell.value));
    return cells.flatMap((cell) => {
      const seen = this.#sums.get(cell);
      this.#sums.set(cell, cell.value);
      return seen === cell.value ? [] : [this.#point(cell, cell.value - (seen ?? 0))];
    });
  }

  histograms(cells: readonly HistogramCell[]): ExemplaryPoint[] {
    return this.#interval(cells, (cell, { counts, above, sum }) => {
      const bucketCounts = explicitCounts(counts, above, cell.layout);
      const value: Histogram = {
        buckets: { boundaries: [...cell.layout.boundaries], counts: bucketCounts },
        count: bucketCounts.reduce((total, count) => total + count, 0),
        sum: sum / cell.layout.perUnit,
        ...this.#max(cell),
      };
      const point = this.#point(cell, value);
      return cell.exemplars === undefined ? point : { ...point, exemplars: this.#exemplars(cell) };
    });
  }

  exponentials(cells: readonly HistogramCell[]): DataPoint<ExponentialHistogram>[] {
    return this.#interval(cells, (cell, { counts, sum }) => {
      const { scale, zeroCount, offset, bucketCounts } = exponentialBuckets(counts, cell.layout);
      const value: ExponentialHistogram = {
        scale,
        zeroCount,
        positive: { offset, bucketCounts: [...bucketCounts] },
        negative: { offset: 0, bucketCounts: [] },
        count: zeroCount + bucketCounts.reduce((total, count) => total + count, 0),
        sum: sum / cell.layout.perUnit,
        ...this.#max(cell),
      };
      return this.#point(cell, value);
    });
  }

  /** Calls back with what each histogram counted in the reader's interval, if anything. */
  #interval<T>(cells: readonly HistogramCell[], make: (cell: HistogramCell, counted: Snapshot) => T): T[] {
    return cells.flatMap((cell) => {
      if (!this.#collection.delta) return [make(cell, cell)];
      const seen = this.#histograms.get(cell) ?? emptySnapshot(cell);
      this.#histograms.set(cell, { counts: cell.counts.slice(), above: cell.above.slice(), sum: cell.sum });
      const counts = cell.counts.map((count, i) => count - seen.counts[i]!);
      if (counts.every((count) => count === 0)) return [];
      const above = cell.above.map((count, i) => count - seen.above[i]!);
      return [make(cell, { counts, above, sum: cell.sum - seen.sum })];
    });
  }

  #exemplars({ exemplars = [], layout }: HistogramCell): (PointExemplar | undefined)[] {
    return exemplars.map(
      (exemplar) =>
        exemplar && {
          value: exemplar.value / layout.perUnit,
          spanContext: exemplar.spanContext,
          time: wallTime(exemplar.moment, this.#collection.moment),
        },
    );
  }

  /** The largest value is known since the start of the series only. */
  #max(cell: HistogramCell): { max: number } | undefined {
    return this.#collection.delta ? undefined : { max: cell.max / cell.layout.perUnit };
  }

  #point<T>(cell: SumCell | GaugeCell | HistogramCell, value: T): DataPoint<T> {
    const { delta, lastCollection, moment } = this.#collection;
    const startTime = (delta ? lastCollection : undefined) ?? cell.startTime;
    return { startTime, endTime: moment.wall, attributes: cell.attributes, value };
  }
}
