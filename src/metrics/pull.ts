import { loadNow } from "../lazy.ts";
import type { Format } from "./exposition.ts";
import type { JsonSeries } from "./json.ts";

export type { JsonSeries } from "./json.ts";

/** Our metrics for an application that asks for them itself, with no listener and no exporter. */
export const ownMetrics = {
  /** As `/metrics.json` has them. */
  toJson: (): Promise<JsonSeries[]> => loadNow<typeof import("./json.ts")>("metrics/json").metricsAsJson(undefined),

  /** As `/metrics` has them. */
  async toPrometheus(format: Format = "text"): Promise<string> {
    const { expose } = loadNow<typeof import("./exposition.ts")>("metrics/exposition");
    const { cumulativeProducer } = loadNow<typeof import("../sdk/readers.ts")>("sdk/readers");
    const { resourceMetrics } = await cumulativeProducer().collect();
    return expose(resourceMetrics, format);
  },
};
