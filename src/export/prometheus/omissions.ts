import { diag } from "@opentelemetry/api";
import {
  ATTR_ERROR_TYPE,
  ATTR_OTEL_COMPONENT_TYPE,
  METRIC_OTEL_SDK_EXPORTER_METRIC_DATA_POINT_EXPORTED,
} from "../../../semconv/index.ts";
import { metricRegistry } from "../../metrics/registry.ts";

/** Name of the exporter behind `/metrics` in the semantic conventions. */
export const COMPONENT = "prometheus_http_text_metric_exporter";

/** Reason why series are not on a page of metrics. */
export type Omission = "name_conflict" | "duplicate_series" | "invalid_value" | "unserializable" | "page_full";

/** Messages already logged, which are not repeated for each scrape, and their maximum. */
const reported = new Set<string>();
const MAX_REPORTED = 100;

/** Counter and log of series that a page leaves out. The next page contains the counts. */
export interface Omissions {
  /** @param message one line */
  add(reason: Omission, points: number, message: string): void;
}

const exported = metricRegistry.instrument(METRIC_OTEL_SDK_EXPORTER_METRIC_DATA_POINT_EXPORTED);

export const countedOmissions: Omissions = {
  add(reason, points, message) {
    exported.bind({ [ATTR_OTEL_COMPONENT_TYPE]: COMPONENT, [ATTR_ERROR_TYPE]: reason }).add(points);
    if (reported.has(message) || reported.size >= MAX_REPORTED) return;
    reported.add(message);
    diag.warn(`/metrics: ${message}`);
  },
};
