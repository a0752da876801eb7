import { late } from "../lazy.ts";
import { cumulativeProducer } from "../sdk/readers.ts";
import { expose, type Format } from "./exposition.ts";
import type { JsonSeries } from "./json.ts";

export type { JsonSeries } from "./json.ts";

/** Our metrics for an application that asks for them itself, with no listener and no exporter. */
export const ownMetrics = {
  /** As `/metrics.json` has them. */
  toJson: (): Promise<JsonSeries[]> => late().metricsAsJson(undefined),

  /** As `/metrics` has them. */
  async toPrometheus(format: Format = "text"): Promise<string> {
    const { resourceMetrics } = await cumulativeProducer().collect();
    return expose(resourceMetrics, format).toString();
  },
};
