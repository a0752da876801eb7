import type { MetricProducer } from "@opentelemetry/sdk-metrics";
import { late } from "../lazy.ts";
import { cumulativeProducer } from "./producer.ts";
import type { Format } from "./exposition.ts";
import type { JsonSeries } from "./json.ts";

export type { JsonSeries } from "./json.ts";

/** One for all who ask: each is a reader that closed databases are kept for. */
let producer: MetricProducer | undefined;

/** Our metrics for an application that asks for them itself, with no listener and no exporter. */
export const ownMetrics = {
  /** As `/metrics.json` has them. */
  toJson: (): Promise<JsonSeries[]> => late().metricsAsJson(undefined),

  /** As `/metrics` has them. */
  async toPrometheus(format: Format = "text"): Promise<string> {
    producer ??= cumulativeProducer();
    const { resourceMetrics } = await producer.collect();
    return late().expose(resourceMetrics, format).toString();
  },
};
