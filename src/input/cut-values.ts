import { ATTR_ERROR_TYPE, METRIC_STORAGE_INSTRUMENTATION_CUT_VALUES } from "../../semconv/index.ts";
import { metricRegistry } from "../metrics/registry.ts";

const values = metricRegistry.instrument(METRIC_STORAGE_INSTRUMENTATION_CUT_VALUES);

/** Reason why a value is not kept whole. */
export type Cut = "circular" | "too_deep" | "too_large" | "unreadable";

/** Counts a value of the application that is not kept whole. */
export function countCut(reason: Cut): void {
  values.bind({ [ATTR_ERROR_TYPE]: reason }).add(1);
}
