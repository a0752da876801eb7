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
import {
  explicitCounts,
  exponentialBuckets,
  HistogramCell,
  maxOf,
  sumOf,
  type Exemplar,
  type HistogramLayout,
} from "./histogram.ts";
import type { HotMetrics, Instrument } from "./instruments.ts";

type Cell = SumCell | GaugeCell | HistogramCell;

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

/**
 * Hands the hot metrics to one reader. Readers are independent: what a delta reader has seen is remembered
 * here, so each has a producer of its own.
 */
export class HotMetricProducer implements MetricProducer {
  readonly #metrics: HotMetrics;
  readonly #options: ProducerOptions;
  /** What the reader has seen of each series, if it wants to know what has changed since. */
  readonly #seen = new WeakMap<Cell, Float64Array>();
  #lastCollection: HrTime | undefined;

  constructor(metrics: HotMetrics, options: ProducerOptions) {
    this.#metrics = metrics;
    this.#options = options;
  }

  /** Never rejects: a reader would lose every other metric with ours. */
  async collect(): Promise<CollectionResult> {
    await this.#metrics.otherThreads?.poll();
    return this.collectNow();
  }

  collectNow(): CollectionResult {
    this.#metrics.otherThreads?.update();
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
    const points = new PointReader(instrument, this.#seen, {
      delta: aggregationTemporality === AggregationTemporality.DELTA,
      lastCollection: this.#lastCollection,
      moment,
    });
    const base = { descriptor, aggregationTemporality };
    if (kind === "gauge") return { ...base, dataPointType: DataPointType.GAUGE, dataPoints: points.gauges() };
    if (kind !== "histogram") {
      const isMonotonic = kind === "counter";
      return { ...base, isMonotonic, dataPointType: DataPointType.SUM, dataPoints: points.sums() };
    }
    return this.#options.exponential
      ? { ...base, dataPointType: DataPointType.EXPONENTIAL_HISTOGRAM, dataPoints: points.exponentials() }
      : { ...base, dataPointType: DataPointType.HISTOGRAM, dataPoints: points.histograms() };
  }
}

/** The moment and the manner of one collection. */
interface Collection {
  readonly delta: boolean;
  readonly lastCollection: HrTime | undefined;
  readonly moment: Anchor;
}

/** Turns the series of an instrument into data points, for a delta reader only what was recorded since it last asked. */
class PointReader {
  readonly #instrument: Instrument;
  readonly #seen: WeakMap<Cell, Float64Array>;
  readonly #collection: Collection;

  constructor(instrument: Instrument, seen: WeakMap<Cell, Float64Array>, collection: Collection) {
    this.#instrument = instrument;
    this.#seen = seen;
    this.#collection = collection;
  }

  gauges(): DataPoint<number>[] {
    const points: DataPoint<number>[] = [];
    for (const cell of this.#instrument.cells()) {
      const [value] = this.#instrument.totalOf(cell);
      if (!Number.isNaN(value)) points.push(this.#point(cell, value!));
    }
    return points;
  }

  sums(): DataPoint<number>[] {
    return this.#read((cell, [value]) => this.#point(cell, value!));
  }

  histograms(): ExemplaryPoint[] {
    return this.#read((cell, numbers) => {
      const { layout, exemplars } = cell as HistogramCell;
      const counts = explicitCounts(numbers, layout);
      const value: Histogram = {
        buckets: { boundaries: layout.boundaries as number[], counts },
        count: counts.reduce((total, count) => total + count, 0),
        sum: sumOf(numbers) / layout.perUnit,
        ...this.#max(numbers, layout),
      };
      const point = this.#point(cell, value);
      return exemplars === undefined ? point : { ...point, exemplars: this.#exemplars(exemplars, layout) };
    });
  }

  exponentials(): DataPoint<ExponentialHistogram>[] {
    return this.#read((cell, numbers) => {
      const { layout } = cell as HistogramCell;
      const { scale, zeroCount, offset, bucketCounts } = exponentialBuckets(numbers, layout);
      const value: ExponentialHistogram = {
        scale,
        zeroCount,
        positive: { offset, bucketCounts: [...bucketCounts] },
        negative: { offset: 0, bucketCounts: [] },
        count: zeroCount + bucketCounts.reduce((total, count) => total + count, 0),
        sum: sumOf(numbers) / layout.perUnit,
        ...this.#max(numbers, layout),
      };
      return this.#point(cell, value);
    });
  }

  /** Calls back with what was recorded in the reader's interval; where that is nothing, only of what is new to it. */
  #read<T>(make: (cell: Cell, numbers: Float64Array) => T): T[] {
    const points: T[] = [];
    for (const cell of this.#instrument.cells()) {
      const total = this.#instrument.totalOf(cell);
      const numbers = this.#collection.delta ? this.#change(cell, total) : total;
      if (numbers !== undefined) points.push(make(cell, numbers));
    }
    return points;
  }

  /** A series that did not change is left out of a delta, but a sum is sent once so that it is known. */
  #change(cell: Cell, total: Float64Array): Float64Array | undefined {
    const seen = this.#seen.get(cell);
    const change = total.slice();
    if (seen !== undefined) for (let i = 0; i < change.length; i++) change[i]! -= seen[i]!;
    const isKnown = seen !== undefined || cell instanceof HistogramCell;
    if (isKnown && change.every((number) => number === 0)) return undefined;
    this.#seen.set(cell, total.slice());
    return change;
  }

  #exemplars(exemplars: readonly (Exemplar | undefined)[], layout: HistogramLayout): (PointExemplar | undefined)[] {
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
  #max(numbers: Float64Array, { perUnit }: HistogramLayout): { max: number } | undefined {
    return this.#collection.delta ? undefined : { max: maxOf(numbers) / perUnit };
  }

  #point<T>(cell: Cell, value: T): DataPoint<T> {
    const { delta, lastCollection, moment } = this.#collection;
    const startTime = (delta ? lastCollection : undefined) ?? cell.startTime;
    return { startTime, endTime: moment.wall, attributes: cell.attributes, value };
  }
}
