import { ConsoleMetricExporter, MetricReader, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import type { Config } from "../config/index.ts";
import { metricRegistry } from "../metrics/registry.ts";
import { cumulativeProducer, SeriesProducer } from "../metrics/producer.ts";
import { metricExporter } from "../export/otlp/metric-exporter.ts";
import type { OtlpPipeline } from "../export/otlp/pipeline.ts";
import { lastMetrics } from "./last-metrics.ts";

export type ReaderName = Config["metricsExporters"][number];

/** Creates the configured metric readers, each with a producer of our own metrics. */
export function createReaders(
  names: readonly ReaderName[],
  config: Config,
  pipeline: () => OtlpPipeline,
): MetricReader[] {
  const create: Readonly<Record<ReaderName, () => MetricReader[]>> = {
    otlp: () => [otlpReader(config, pipeline())],
    prometheus: () => [new ScrapeReader()],
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

function otlpReader(config: Config, pipeline: OtlpPipeline): MetricReader {
  const exporter = metricExporter(pipeline, config, () => {
    exporter.export(lastMetrics(reader, producer), () => {});
  });
  const producer = new SeriesProducer(metricRegistry, {
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

/** Reader that collects when it is scraped. */
export class ScrapeReader extends MetricReader {
  constructor() {
    super({ metricProducers: [cumulativeProducer()] });
  }

  protected override async onForceFlush(): Promise<void> {}

  protected override async onShutdown(): Promise<void> {}
}
