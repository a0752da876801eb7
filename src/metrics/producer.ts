import { ValueType, type HrTime, type SpanContext } from "@opentelemetry/api";
import type { InstrumentationScope } from "@opentelemetry/core";
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
  type ScopeMetrics,
} from "@opentelemetry/sdk-metrics";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { anchorNow, wallTime, type Anchor } from "../runtime/clock.ts";
import { SCOPE } from "../runtime/package-info.ts";
import type { InstrumentKind } from "./definition.ts";
import { DistributionSeries } from "./distribution.ts";
import { HistogramSeries, type Exemplar, type HistogramLayout } from "./histogram.ts";
import { metricRegistry, type Series, type MetricRegistry, type Instrument } from "./registry.ts";

/** Options that a reader sets for its producer. */
export interface ProducerOptions {
  /** Returns the reader's choice between cumulative and delta for an instrument type. */
  readonly temporality: (type: InstrumentType) => AggregationTemporality;
  /** If true, histograms are exported with base-2 exponential buckets in place of the registry's bounds. */
  readonly exponential: boolean;
}

/** Measurement of a bucket, with the trace that contains it. */
export interface PointExemplar {
  /** Value in the unit of the metric. */
  readonly value: number;
  readonly spanContext: SpanContext;
  readonly time: HrTime;
}

/** Histogram point with one exemplar a bucket, for which the SDK's own type has no field. */
export interface ExemplaryPoint extends DataPoint<Histogram> {
  readonly exemplars?: readonly (PointExemplar | undefined)[];
}

const INSTRUMENT_TYPES: Readonly<Record<InstrumentKind, InstrumentType>> = {
  counter: InstrumentType.COUNTER,
  updowncounter: InstrumentType.UP_DOWN_COUNTER,
  balance: InstrumentType.UP_DOWN_COUNTER,
  gauge: InstrumentType.GAUGE,
  reading: InstrumentType.GAUGE,
  histogram: InstrumentType.HISTOGRAM,
  distribution: InstrumentType.HISTOGRAM,
};

const VALUE_TYPES = { int: ValueType.INT, double: ValueType.DOUBLE } as const;

/** Empty resource: the reader keeps the one of its provider. */
const NO_RESOURCE = resourceFromAttributes({});

/**
 * Producer of the metrics of a registry for one reader. It stores what a delta reader has seen. Readers are independent, so each
 * has a producer of its own.
 */
export class SeriesProducer implements MetricProducer {
  readonly #metrics: MetricRegistry;
  readonly #options: ProducerOptions;
  /** Values that a delta reader has seen of each series. */
  readonly #seen = new WeakMap<Series, Float64Array>();
  #lastCollection: HrTime | undefined;

  constructor(metrics: MetricRegistry, options: ProducerOptions) {
    this.#metrics = metrics;
    this.#options = options;
  }

  /** Collects the metrics. Never rejects: the reader would lose every other metric with ours. */
  async collect(): Promise<CollectionResult> {
    await this.#metrics.otherThreads?.poll();
    return this.collectNow();
  }

  collectNow(): CollectionResult {
    const errors = this.#metrics.poll();
    const scopes = new Map<InstrumentationScope, MetricData[]>();
    const anchor = anchorNow();
    for (const instrument of this.#metrics.instruments()) {
      try {
        const data = this.#collect(instrument, anchor);
        if (data.dataPoints.length > 0) add(scopes, instrument.definition.scope ?? SCOPE, data);
      } catch (error) {
        errors.push(error);
      }
    }
    this.#lastCollection = anchor.wall;
    this.#metrics.lifetimes?.collected(this);
    const scopeMetrics: ScopeMetrics[] = Array.from(scopes, ([scope, metrics]) => ({ scope, metrics }));
    return { resourceMetrics: { resource: NO_RESOURCE, scopeMetrics }, errors };
  }

  #collect(instrument: Instrument, anchor: Anchor): MetricData {
    const { name, description, unit, valueType, instrument: kind } = instrument.definition;
    const type = INSTRUMENT_TYPES[kind];
    const aggregationTemporality = this.#options.temporality(type);
    const descriptor = { name, description, unit, valueType: VALUE_TYPES[valueType] };
    const points = new PointReader(instrument, this.#seen, {
      delta: aggregationTemporality === AggregationTemporality.DELTA,
      lastCollection: this.#lastCollection,
      anchor,
    });
    const base = { descriptor, aggregationTemporality };
    if (type === InstrumentType.GAUGE)
      return { ...base, dataPointType: DataPointType.GAUGE, dataPoints: points.gauges() };
    if (type !== InstrumentType.HISTOGRAM) {
      const isMonotonic = type === InstrumentType.COUNTER;
      return { ...base, isMonotonic, dataPointType: DataPointType.SUM, dataPoints: points.sums() };
    }
    return this.#options.exponential && kind === "histogram"
      ? { ...base, dataPointType: DataPointType.EXPONENTIAL_HISTOGRAM, dataPoints: points.exponentials() }
      : { ...base, dataPointType: DataPointType.HISTOGRAM, dataPoints: points.histograms() };
  }
}

function add<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

/** Timestamp and temporality of one collection. */
interface Collection {
  readonly delta: boolean;
  readonly lastCollection: HrTime | undefined;
  readonly anchor: Anchor;
}

/**
 * Converter of the series of an instrument to data points; for a delta reader, only of what was recorded since its last
 * collection.
 */
class PointReader {
  readonly #instrument: Instrument;
  readonly #seen: WeakMap<Series, Float64Array>;
  readonly #collection: Collection;

  constructor(instrument: Instrument, seen: WeakMap<Series, Float64Array>, collection: Collection) {
    this.#instrument = instrument;
    this.#seen = seen;
    this.#collection = collection;
  }

  gauges(): DataPoint<number>[] {
    const points: DataPoint<number>[] = [];
    for (const series of this.#instrument.series()) {
      const [value] = this.#instrument.mergedNumbers(series);
      if (!Number.isNaN(value)) points.push(this.#point(series, value!));
    }
    return points;
  }

  sums(): DataPoint<number>[] {
    return this.#read((series, [value]) => this.#point(series, value!));
  }

  histograms(): ExemplaryPoint[] {
    return this.#read((series, numbers) => {
      const point = this.#point(
        series,
        this.#ranged((series as HistogramSeries | DistributionSeries).histogram(numbers)),
      );
      if (series instanceof DistributionSeries) return point;
      const { layout, exemplars } = series as HistogramSeries;
      return exemplars === undefined ? point : { ...point, exemplars: this.#exemplars(exemplars, layout) };
    });
  }

  exponentials(): DataPoint<ExponentialHistogram>[] {
    return this.#read((series, numbers) =>
      this.#point(series, this.#ranged((series as HistogramSeries).exponential(numbers))),
    );
  }

  /**
   * Calls back with what was recorded in the reader's interval. Without a change, calls back only for a series that is
   * new to the reader.
   */
  #read<T>(make: (series: Series, numbers: Float64Array) => T): T[] {
    const points: T[] = [];
    for (const series of this.#instrument.series()) {
      const total = this.#instrument.mergedNumbers(series);
      const numbers = this.#collection.delta ? this.#change(series, total) : total;
      if (numbers !== undefined) points.push(make(series, numbers));
    }
    return points;
  }

  /**
   * Returns the change of a series since the last collection. An unchanged series is left out of a delta, but a sum is
   * sent once so that it is known.
   */
  #change(series: Series, total: Float64Array): Float64Array | undefined {
    const seen = this.#seen.get(series);
    const change = total.slice();
    if (seen !== undefined) for (let i = 0; i < change.length; i++) change[i]! -= seen[i]!;
    const isKnown = seen !== undefined || series instanceof HistogramSeries || series instanceof DistributionSeries;
    if (isKnown && change.every((number) => number === 0)) return undefined;
    this.#seen.set(series, total.slice());
    return change;
  }

  #exemplars(exemplars: readonly (Exemplar | undefined)[], layout: HistogramLayout): (PointExemplar | undefined)[] {
    return exemplars.map(
      (exemplar) =>
        exemplar && {
          value: exemplar.value / layout.perUnit,
          spanContext: exemplar.spanContext,
          time: wallTime(exemplar.timestamp, this.#collection.anchor),
        },
    );
  }

  /** Removes the minimum and the maximum for a delta reader: they are known since the start of the series only. */
  #ranged<T extends Histogram | ExponentialHistogram>(value: T): T {
    if (!this.#collection.delta) return value;
    const { min: _, max: __, ...rest } = value;
    return rest as T;
  }

  #point<T>(series: Series, value: T): DataPoint<T> {
    const { delta, lastCollection, anchor } = this.#collection;
    const startTime = (delta ? lastCollection : undefined) ?? series.startTime;
    return { startTime, endTime: anchor.wall, attributes: series.attributes, value };
  }
}

/** Returns a producer for a reader without preferences. */
export function cumulativeProducer(): MetricProducer {
  return new SeriesProducer(metricRegistry, {
    temporality: () => AggregationTemporality.CUMULATIVE,
    exponential: false,
  });
}
