import type { Attributes } from "@opentelemetry/api";
import {
  AggregationTemporality,
  DataPointType,
  type DataPoint,
  type ExponentialHistogram,
  type Histogram,
  type MetricData,
  type MetricReader,
  type ScopeMetrics,
} from "@opentelemetry/sdk-metrics";
import { SeriesProducer } from "../../metrics/producer.ts";
import { SCOPE } from "../../runtime/package-info.ts";
import { metricRegistry } from "../../metrics/registry.ts";
import { quantile } from "../../metrics/histogram.ts";

/** Histogram in JSON, in the unit of its metric. */
interface JsonHistogram {
  readonly count: number;
  readonly sum: number | undefined;
  readonly max: number | undefined;
  /** Quantiles within 5 %; only for histograms with exponential buckets. */
  readonly quantiles?: Readonly<Record<string, number | undefined>>;
  /** For the other histograms: the number of values not above each bound. */
  readonly buckets?: readonly { readonly le: number | "+Inf"; readonly count: number }[];
}

/** Series in JSON; names, units and values are those of OTLP. */
export interface JsonSeries {
  readonly name: string;
  readonly type: "counter" | "updowncounter" | "gauge" | "histogram";
  readonly unit: string;
  readonly attributes: Attributes;
  readonly value?: number;
  readonly histogram?: JsonHistogram;
  /** ISO 8601. */
  readonly timestamp: string;
}

const QUANTILES = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99, p999: 0.999 };

/** Producer of our metrics, with the buckets from which quantiles are calculated. */
const ours = new SeriesProducer(metricRegistry, {
  temporality: () => AggregationTemporality.CUMULATIVE,
  exponential: true,
});

/**
 * Returns the current values of all metrics.
 * @param reader a reader that also collects the application's metrics
 */
export async function metricsAsJson(reader: MetricReader | undefined): Promise<JsonSeries[]> {
  const collected: readonly ScopeMetrics[] = (await reader?.collect())?.resourceMetrics.scopeMetrics ?? [];
  const theirs = collected.filter(({ scope }) => scope.name !== SCOPE.name);
  // The reader's own result includes the metrics of the application's workers.
  const own = ours
    .collectNow()
    .resourceMetrics.scopeMetrics.filter(({ scope }) => reader === undefined || scope.name === SCOPE.name);
  return [...own, ...theirs].flatMap(({ metrics }) => metrics.flatMap(seriesOf));
}

function seriesOf(metric: MetricData): JsonSeries[] {
  const { name, unit } = metric.descriptor;
  const points = metric.dataPoints as DataPoint<number | Histogram | ExponentialHistogram>[];
  return points.map(({ attributes, value, endTime: [seconds, nanoseconds] }) => ({
    name,
    type: typeOf(metric),
    unit,
    attributes,
    ...(typeof value === "number" ? { value } : { histogram: histogramOf(value) }),
    timestamp: new Date(seconds * 1000 + nanoseconds / 1e6).toISOString(),
  }));
}

function typeOf(metric: MetricData): JsonSeries["type"] {
  if (metric.dataPointType === DataPointType.GAUGE) return "gauge";
  if (metric.dataPointType === DataPointType.SUM) return metric.isMonotonic ? "counter" : "updowncounter";
  return "histogram";
}

function histogramOf(value: Histogram | ExponentialHistogram): JsonHistogram {
  const { count, sum, max } = value;
  if ("buckets" in value) return { count, sum, max, buckets: cumulative(value) };
  const buckets = { scale: value.scale, zeroCount: value.zeroCount, ...value.positive };
  const quantiles = Object.entries(QUANTILES).map(([name, q]) => [name, quantile(buckets, q)]);
  return { count, sum, max, quantiles: Object.fromEntries(quantiles) as Record<string, number | undefined> };
}

function cumulative({ buckets: { boundaries, counts } }: Histogram): NonNullable<JsonHistogram["buckets"]> {
  let total = 0;
  return counts.map((count, i) => ({ le: boundaries[i] ?? "+Inf", count: (total += count) }));
}
