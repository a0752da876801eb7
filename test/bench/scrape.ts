import { PrometheusExporter, PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { AggregationTemporality, MeterProvider } from "@opentelemetry/sdk-metrics";
import { METRIC_DB_CLIENT_OPERATION_DURATION as DURATION } from "../../semconv/index.ts";
import { expose } from "../../src/metrics/exposition.ts";
import { HotMetrics } from "../../src/metrics/instruments.ts";
import { HotMetricProducer } from "../../src/metrics/producer.ts";

const SERIES = 500;
const SCRAPES = 40;

/** Not in the types of Node.js 22 yet. */
const { threadCpuUsage } = process as unknown as { threadCpuUsage: NodeJS.Process["cpuUsage"] };

/** What a statement is told by. */
const attributesOf = (i: number): Record<string, string> => ({
  "db.system.name": "sqlite",
  "db.namespace": "bench",
  "db.operation.name": "SELECT",
  "db.query.summary": `SELECT table_${i}`,
  "db.collection.name": `table_${i}`,
});

/** Durations over most of the buckets, in nanoseconds. */
const VALUES = Float64Array.from({ length: 64 }, (_, i) => 800 * 1.25 ** i);

/**
 * Milliseconds of processor time of this thread that a scrape takes: the mean of the second half, as the first is still
 * being compiled. Every series has changed since the scrape before.
 */
async function time(
  record: (series: number, nanoseconds: number) => void,
  scrape: () => Promise<string | Buffer>,
): Promise<number> {
  let spent = 0;
  for (let round = 0; round < 2 * SCRAPES; round++) {
    for (let i = 0; i < SERIES; i++) for (let k = 0; k < 8; k++) record(i, VALUES[(i + 8 * k + round) & 63]!);
    const start = threadCpuUsage();
    await scrape();
    const { user, system } = threadCpuUsage(start);
    if (round >= SCRAPES) spent += user + system;
  }
  return spent / 1000 / SCRAPES;
}

/** One scrape of as many histograms with the same buckets, ours and those of the SDK through its exporter. */
export async function measureScrape(): Promise<{ ours: number; sdk: number }> {
  const metrics = new HotMetrics();
  const producer = new HotMetricProducer(metrics, {
    temporality: () => AggregationTemporality.CUMULATIVE,
    exponential: false,
  });
  const reader = new PrometheusExporter({ preventServerStart: true, metricProducers: [producer] });
  void new MeterProvider({ readers: [reader] });
  const cells = Array.from({ length: SERIES }, (_, i) => metrics.instrument(DURATION).bind(attributesOf(i)));
  const ours = await time(
    (series, nanoseconds) => cells[series]!.record(nanoseconds),
    async () => expose((await reader.collect()).resourceMetrics, "openmetrics"),
  );

  const stock = new PrometheusExporter({ preventServerStart: true });
  const histogram = new MeterProvider({ readers: [stock] })
    .getMeter("bench")
    .createHistogram(DURATION.name, { unit: "s", advice: { explicitBucketBoundaries: [...DURATION.boundaries] } });
  const sets = Array.from({ length: SERIES }, (_, i) => attributesOf(i));
  const serializer = new PrometheusSerializer();
  const sdk = await time(
    (series, nanoseconds) => histogram.record(nanoseconds / 1e9, sets[series]),
    async () => serializer.serialize((await stock.collect()).resourceMetrics),
  );
  return { ours, sdk };
}
