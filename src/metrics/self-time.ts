import { ATTR_OTEL_COMPONENT_TYPE, METRIC_STORAGE_INSTRUMENTATION_TIME } from "../../semconv/index.ts";
import { now } from "../runtime/clock.ts";
import { metricRegistry } from "./registry.ts";

/** Function that runs `work` and counts its duration as our own. */
export type Timed = <T>(work: () => T) => T;

/**
 * Returns a function that counts the duration of serialization.
 * @param exporter type of the exporter that the work is for
 */
export function serializationTime(exporter: string): Timed {
  const series = metricRegistry
    .instrument(METRIC_STORAGE_INSTRUMENTATION_TIME)
    .bind({ [ATTR_OTEL_COMPONENT_TYPE]: exporter });
  return (work) => {
    const start = now();
    try {
      return work();
    } finally {
      series.add(Number(now() - start) / 1e9);
    }
  };
}
