import type { Resource } from "@opentelemetry/resources";
import { MeterProvider, type MetricReader } from "@opentelemetry/sdk-metrics";
import type { Config } from "../config/index.ts";
import type { OtlpPipeline } from "../export/otlp/pipeline.ts";
import { boundCallbacks } from "./callbacks.ts";
import { createReaders, ScrapeReader, type ReaderName } from "./readers.ts";

/** Metrics SDK: collects and pushes metrics. */
export interface Metrics {
  readonly provider: MeterProvider;
  /** The reader that collects for scrapes; undefined if scrapes are disabled. */
  readonly scraped: MetricReader | undefined;
}

/** Starts the configured readers. */
export function startReaders(
  names: readonly ReaderName[],
  { config, resource, pipeline }: { config: Config; resource: Resource; pipeline: () => OtlpPipeline },
): Metrics {
  const readers = createReaders(names, config, pipeline);
  const provider = new MeterProvider({ resource, readers });
  boundCallbacks(provider, config.metricTimeout);
  return { provider, scraped: readers.find((reader) => reader instanceof ScrapeReader) };
}
