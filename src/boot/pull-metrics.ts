import type { MetricProducer } from "@opentelemetry/sdk-metrics";
import { adminChunk } from "../runtime/chunks.ts";
import { cumulativeProducer } from "../metrics/producer.ts";
import type { Format } from "../export/prometheus/text-format.ts";
import type { JsonSeries } from "../admin/routes/metrics-json.ts";

type Admin = (typeof import("../admin/index.ts"))["admin"];

export type { JsonSeries } from "../admin/routes/metrics-json.ts";

/** One for all who ask: each is a reader that closed databases are kept for. */
let producer: MetricProducer | undefined;

/** Our metrics for an application that asks for them itself, with no listener and no exporter. */
export const ownMetrics = {
  /** As `/metrics.json` has them. */
  toJson: (): Promise<JsonSeries[]> => adminChunk<Admin>().metricsAsJson(undefined),

  /** As `/metrics` has them. */
  async toPrometheus(format: Format = "text"): Promise<string> {
    producer ??= cumulativeProducer();
    const { resourceMetrics } = await producer.collect();
    return adminChunk<Admin>().expose(resourceMetrics, format).toString();
  },
};
