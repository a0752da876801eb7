import {
  METRIC_DB_CLIENT_OPERATION_DURATION,
  METRIC_HTTP_CLIENT_REQUEST_DURATION,
  METRIC_HTTP_SERVER_REQUEST_DURATION,
  METRIC_OTEL_SDK_EXPORTER_LOG_EXPORTED,
  METRIC_OTEL_SDK_EXPORTER_METRIC_DATA_POINT_EXPORTED,
  METRIC_OTEL_SDK_EXPORTER_SPAN_EXPORTED,
  METRIC_OTEL_SDK_PROCESSOR_LOG_PROCESSED,
  METRIC_OTEL_SDK_PROCESSOR_SPAN_PROCESSED,
  METRIC_STORAGE_CACHE_REQUESTS,
  METRIC_STORAGE_CACHE_WRITES,
  METRIC_STORAGE_SEARCH_INDEX_UPDATES,
  METRIC_STORAGE_SEARCH_RESULTS,
} from "../../semconv/index.ts";
import { metricRegistry, type MetricRegistry } from "./registry.ts";

/**
 * Metrics that count every reported activity of an application, and what was exported: its own data, or data that other
 * processes left.
 */
const WORK = [
  METRIC_DB_CLIENT_OPERATION_DURATION,
  METRIC_HTTP_CLIENT_REQUEST_DURATION,
  METRIC_HTTP_SERVER_REQUEST_DURATION,
  METRIC_STORAGE_CACHE_REQUESTS,
  METRIC_STORAGE_CACHE_WRITES,
  METRIC_STORAGE_SEARCH_INDEX_UPDATES,
  METRIC_STORAGE_SEARCH_RESULTS,
  METRIC_OTEL_SDK_PROCESSOR_LOG_PROCESSED,
  METRIC_OTEL_SDK_PROCESSOR_SPAN_PROCESSED,
  METRIC_OTEL_SDK_EXPORTER_LOG_EXPORTED,
  METRIC_OTEL_SDK_EXPORTER_METRIC_DATA_POINT_EXPORTED,
  METRIC_OTEL_SDK_EXPORTER_SPAN_EXPORTED,
];

/**
 * Tells whether there is nothing to report. Each process that an observed process starts loads stratascope through its
 * environment, and most of them do nothing that is observed.
 */
export function isIdle(metrics: MetricRegistry = metricRegistry): boolean {
  metrics.otherThreads?.update();
  const instruments = [...metrics.instruments()];
  if (instruments.some(({ definition }) => definition.scope !== undefined)) return false;
  return WORK.map((definition) => metrics.instrument(definition)).every(
    (instrument) =>
      !instrument.hasForgotten &&
      [...instrument.series()].every((series) => instrument.mergedNumbers(series).every((number) => number === 0)),
  );
}
