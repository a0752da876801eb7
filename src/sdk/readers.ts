import {
  AggregationTemporality,
  ConsoleMetricExporter,
  MetricReader,
  PeriodicExportingMetricReader,
  type MetricProducer,
} from "@opentelemetry/sdk-metrics";
import type { Config } from "../config.ts";
import { hotMetrics } from "../metrics/instruments.ts";
import { listen } from "../listener/index.ts";
import type { Endpoint } from "../metrics/endpoint.ts";
import { HotMetricProducer } from "../metrics/producer.ts";
import { metricExporter } from "../otlp/metric-exporter.ts";
import type { Outbox } from "../otlp/outbox.ts";
import { isMainThread } from "../thread.ts";
import { lastMetrics } from "./last-metrics.ts";

type ReaderName = Config["metricsExporters"][number];

/** The metric readers of the settings, each with a producer of our own metrics. */
export function createReaders(names: readonly ReaderName[], config: Config, outbox: () => Outbox): MetricReader[] {
  const create: Readonly<Record<ReaderName, () => MetricReader[]>> = {
    otlp: () => [otlpReader(config, outbox())],
    // A worker's metrics are pushed; only one thread of a process can answer on the port.
    prometheus: () => (isMainThread ? [new ScrapeReader(config)] : []),
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

/** Collects when it is scraped. */
class ScrapeReader extends MetricReader {
  readonly #endpoint: Endpoint;

  constructor(config: Config) {
    super({ metricProducers: [cumulativeProducer()] });
    this.#endpoint = listen(config, this);
  }

  protected override async onForceFlush(): Promise<void> {}

  protected override async onShutdown(): Promise<void> {
    this.#endpoint.close();
  }
}

/** Our metrics for a reader that has no wishes. */
export function cumulativeProducer(): MetricProducer {
  return new HotMetricProducer(hotMetrics, {
    temporality: () => AggregationTemporality.CUMULATIVE,
    exponential: false,
  });
}
