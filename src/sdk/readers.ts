import {
  AggregationTemporality,
  ConsoleMetricExporter,
  MetricReader,
  PeriodicExportingMetricReader,
  type MetricProducer,
} from "@opentelemetry/sdk-metrics";
import type { Config } from "../config.ts";
import { hotMetrics } from "../metrics/instruments.ts";
import { Endpoint } from "../metrics/endpoint.ts";
import { isIdle } from "../metrics/idle.ts";
import { HotMetricProducer } from "../metrics/producer.ts";
import { metricExporter } from "../otlp/metric-exporter.ts";
import type { Outbox } from "../otlp/outbox.ts";
import { isMainThread } from "../thread.ts";
import { lastMetrics } from "./last-metrics.ts";
import { chosen } from "./providers.ts";
import { serviceName } from "./resource.ts";

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
    const { prometheusHost: host, prometheusPort: port } = config;
    const isSent = chosen(config.metricsExporters).includes("otlp");
    const place = { host, port, service: serviceName(config), isSent };
    this.#endpoint = new Endpoint(this, place, () => isService(this));
  }

  protected override async onForceFlush(): Promise<void> {}

  protected override async onShutdown(): Promise<void> {
    this.#endpoint.close();
  }
}

/** What a reader is bound to knows the meters of the application. */
interface Bound {
  readonly _sdkMetricProducer?: { readonly _sharedState: { readonly meterSharedStates: ReadonlyMap<string, unknown> } };
}

const hasMeters = (reader: MetricReader): boolean =>
  ((reader as unknown as Bound)._sdkMetricProducer?._sharedState.meterSharedStates.size ?? 0) > 0;

/** Whether a process has something to show, or serves something and will have. */
const isService = (reader: MetricReader): boolean =>
  !isIdle() || hasMeters(reader) || process.getActiveResourcesInfo().includes("TCPServerWrap");

/** Our metrics for a reader that has no wishes. */
export function cumulativeProducer(): MetricProducer {
  return new HotMetricProducer(hotMetrics, {
    temporality: () => AggregationTemporality.CUMULATIVE,
    exponential: false,
  });
}
