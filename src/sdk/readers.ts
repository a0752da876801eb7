import { isMainThread } from "node:worker_threads";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import {
  AggregationTemporality,
  ConsoleMetricExporter,
  PeriodicExportingMetricReader,
  type MetricProducer,
  type MetricReader,
} from "@opentelemetry/sdk-metrics";
import type { Config } from "../config.ts";
import { hotMetrics } from "../metrics/instruments.ts";
import { HotMetricProducer } from "../metrics/producer.ts";
import { metricExporter } from "../otlp/metric-exporter.ts";
import type { Outbox } from "../otlp/outbox.ts";
import { loadNow } from "../lazy.ts";
import { listen } from "../listener/index.ts";

type ReaderName = Config["metricsExporters"][number];

/** The metric readers of the settings, each with a producer of our own metrics. */
export function createReaders(names: readonly ReaderName[], config: Config, outbox: () => Outbox): MetricReader[] {
  const create: Readonly<Record<ReaderName, () => MetricReader[]>> = {
    otlp: () => [otlpReader(config, outbox())],
    // A worker's metrics are pushed; only one thread of a process can answer on the port.
    prometheus: () => (isMainThread ? [prometheusReader(config)] : []),
    console: () => [
      new PeriodicExportingMetricReader({
        exporter: new ConsoleMetricExporter(),
        ...schedule(config),
        metricProducers: [cumulativeProducer()],
      }),
    ],
    none: () => [],
  };
  return names.flatMap((name) => create[name]());
}

function otlpReader(config: Config, outbox: Outbox): MetricReader {
  const exporter = metricExporter(outbox, config, () => {
    const { lastMetrics } = loadNow<typeof import("./last-metrics.ts")>("sdk/last-metrics");
    exporter.export(lastMetrics(reader, producer), () => {});
  });
  const producer = new HotMetricProducer(hotMetrics, {
    temporality: exporter.selectAggregationTemporality,
    exponential: config.histogramAggregation === "base2_exponential_bucket_histogram",
  });
  const reader = new PeriodicExportingMetricReader({ exporter, ...schedule(config), metricProducers: [producer] });
  return reader;
}

function schedule({ metricInterval, metricTimeout }: Config): {
  exportIntervalMillis: number;
  exportTimeoutMillis: number;
} {
  return { exportIntervalMillis: metricInterval, exportTimeoutMillis: Math.min(metricTimeout, metricInterval) };
}

/** The stock exporter is the reader; the listener and the text are ours. */
function prometheusReader(config: Config): MetricReader {
  const reader = new PrometheusExporter({ preventServerStart: true, metricProducers: [cumulativeProducer()] });
  const endpoint = listen(config, reader);
  reader.stopServer = async () => endpoint.close();
  return reader;
}

/** Our metrics for a reader that has no wishes. */
export function cumulativeProducer(): MetricProducer {
  return new HotMetricProducer(hotMetrics, {
    temporality: () => AggregationTemporality.CUMULATIVE,
    exponential: false,
  });
}
