import type { MetricProducer } from "@opentelemetry/sdk-metrics";
import { adminChunk } from "../runtime/chunks.ts";
import { cumulativeProducer } from "../metrics/producer.ts";
import type { Format } from "../export/prometheus/text-format.ts";
import type { JsonSeries } from "../admin/routes/metrics-json.ts";

type Admin = (typeof import("../admin/index.ts"))["admin"];

export type { JsonSeries } from "../admin/routes/metrics-json.ts";

/**
 * Producer shared by all callers: it counts as a reader, and the series of closed databases are retained for each
 * reader.
 */
let producer: MetricProducer | undefined;

/** Our metrics for an application that reads them itself, without a listener or an exporter. */
export const ownMetrics = {
  /** Returns the metrics in the format of `/metrics.json`. */
  toJson: (): Promise<JsonSeries[]> => adminChunk<Admin>().metricsAsJson(undefined),

  /** Returns the metrics in the format of `/metrics`. */
  async toPrometheus(format: Format = "text"): Promise<string> {
    producer ??= cumulativeProducer();
    const { resourceMetrics } = await producer.collect();
    return adminChunk<Admin>().expose(resourceMetrics, format).toString();
  },
};
