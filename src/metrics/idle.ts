import {
  METRIC_DB_CLIENT_OPERATION_DURATION,
  METRIC_HTTP_CLIENT_REQUEST_DURATION,
  METRIC_HTTP_SERVER_REQUEST_DURATION,
  METRIC_OTEL_SDK_EXPORTER_LOG_EXPORTED,
  METRIC_OTEL_SDK_EXPORTER_METRIC_DATA_POINT_EXPORTED,
  METRIC_OTEL_SDK_EXPORTER_SPAN_EXPORTED,
  METRIC_OTEL_SDK_PROCESSOR_LOG_PROCESSED,
  METRIC_OTEL_SDK_PROCESSOR_SPAN_PROCESSED,
} from "../../semconv/index.ts";
import { hotMetrics, type HotMetrics } from "./registry.ts";

/** What counts whatever an application can do that is told of, and what was sent of that or of what others left. */
const WORK = [
  METRIC_DB_CLIENT_OPERATION_DURATION,
  METRIC_HTTP_CLIENT_REQUEST_DURATION,
  METRIC_HTTP_SERVER_REQUEST_DURATION,
  METRIC_OTEL_SDK_PROCESSOR_LOG_PROCESSED,
  METRIC_OTEL_SDK_PROCESSOR_SPAN_PROCESSED,
  METRIC_OTEL_SDK_EXPORTER_LOG_EXPORTED,
  METRIC_OTEL_SDK_EXPORTER_METRIC_DATA_POINT_EXPORTED,
  METRIC_OTEL_SDK_EXPORTER_SPAN_EXPORTED,
];

/**
 * Whether there is nothing to tell: every process that is started by an observed one inherits us with its environment,
 * and most of them do nothing that is observed.
 */
export function isIdle(metrics: HotMetrics = hotMetrics): boolean {
  metrics.otherThreads?.update();
  const instruments = [...metrics.instruments()];
  if (instruments.some(({ definition }) => definition.scope !== undefined)) return false;
  return WORK.map((definition) => metrics.instrument(definition)).every(
    (instrument) =>
      !instrument.hasForgotten &&
      [...instrument.cells()].every((cell) => instrument.totalOf(cell).every((number) => number === 0)),
  );
}
