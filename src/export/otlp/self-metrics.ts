import {
  ATTR_ERROR_TYPE,
  ATTR_OTEL_COMPONENT_TYPE,
  METRIC_OTEL_SDK_EXPORTER_LOG_EXPORTED,
  METRIC_OTEL_SDK_EXPORTER_METRIC_DATA_POINT_EXPORTED,
  METRIC_OTEL_SDK_EXPORTER_SPAN_EXPORTED,
  METRIC_OTEL_SDK_PROCESSOR_LOG_PROCESSED,
  METRIC_OTEL_SDK_PROCESSOR_LOG_QUEUE_CAPACITY,
  METRIC_OTEL_SDK_PROCESSOR_LOG_QUEUE_SIZE,
  METRIC_OTEL_SDK_PROCESSOR_SPAN_PROCESSED,
  METRIC_OTEL_SDK_PROCESSOR_SPAN_QUEUE_CAPACITY,
  METRIC_OTEL_SDK_PROCESSOR_SPAN_QUEUE_SIZE,
  METRIC_STORAGE_INSTRUMENTATION_BACKLOG,
} from "../../../semconv/index.ts";
import { metricRegistry } from "../../metrics/registry.ts";
import { serializationTime } from "../../metrics/self-time.ts";
import type { Signal } from "../batch.ts";

/** Reasons for which our telemetry was lost, other than a status of the Collector. */
export type Loss =
  | "rejected"
  | "backlog_full"
  | "spool_full"
  | "expired"
  | "unreadable"
  | "unwritable"
  | "unserializable"
  | "too_large";

const EXPORTERS = {
  traces: { type: "otlp_http_span_exporter", exported: METRIC_OTEL_SDK_EXPORTER_SPAN_EXPORTED },
  metrics: { type: "otlp_http_metric_exporter", exported: METRIC_OTEL_SDK_EXPORTER_METRIC_DATA_POINT_EXPORTED },
  logs: { type: "otlp_http_log_exporter", exported: METRIC_OTEL_SDK_EXPORTER_LOG_EXPORTED },
} as const;

const PROCESSORS = {
  traces: {
    type: "batching_span_processor",
    processed: METRIC_OTEL_SDK_PROCESSOR_SPAN_PROCESSED,
    size: METRIC_OTEL_SDK_PROCESSOR_SPAN_QUEUE_SIZE,
    capacity: METRIC_OTEL_SDK_PROCESSOR_SPAN_QUEUE_CAPACITY,
  },
  logs: {
    type: "batching_log_processor",
    processed: METRIC_OTEL_SDK_PROCESSOR_LOG_PROCESSED,
    size: METRIC_OTEL_SDK_PROCESSOR_LOG_QUEUE_SIZE,
    capacity: METRIC_OTEL_SDK_PROCESSOR_LOG_QUEUE_CAPACITY,
  },
} as const;

/** Counters of the exported telemetry of a signal. */
export interface ExportCounts {
  delivered(items: number): void;
  /** @param reason a status, or a {@link Loss} */
  lost(items: number, reason: string): void;
  /** @param bytes returns the number of bytes that wait */
  watch(bytes: () => number): void;
  /** Runs a serializer, and counts its duration. */
  timed<T>(serialize: () => T): T;
}

export function exportCounts(signal: Signal): ExportCounts {
  const { type, exported } = EXPORTERS[signal];
  const instrument = metricRegistry.instrument(exported);
  const component = { [ATTR_OTEL_COMPONENT_TYPE]: type };
  const delivered = instrument.bind(component);
  const lost = (items: number, reason: string): void =>
    instrument.bind({ ...component, [ATTR_ERROR_TYPE]: reason }).add(items);
  // An alert detects the first loss only if the series was zero before.
  lost(0, "backlog_full" satisfies Loss);
  return {
    delivered: (items) => delivered.add(items),
    lost,
    watch(bytes) {
      const series = metricRegistry.instrument(METRIC_STORAGE_INSTRUMENTATION_BACKLOG).bind(component);
      metricRegistry.onCollect(() => {
        series.value = bytes();
      });
    },
    timed: serializationTime(type),
  };
}

/** Counters of ended items on their way into batches. */
export interface QueueCounts {
  processed(items: number): void;
  dropped(): void;
  /** @param size returns the number of items that wait */
  watch(size: () => number, capacity: number): void;
}

export function queueCounts(signal: keyof typeof PROCESSORS): QueueCounts {
  const definitions = PROCESSORS[signal];
  const component = { [ATTR_OTEL_COMPONENT_TYPE]: definitions.type };
  const instrument = metricRegistry.instrument(definitions.processed);
  const processed = instrument.bind(component);
  const dropped = instrument.bind({ ...component, [ATTR_ERROR_TYPE]: "queue_full" });
  return {
    processed: (items) => processed.add(items),
    dropped: () => dropped.add(1),
    watch(size, capacity) {
      metricRegistry.instrument(definitions.capacity).bind(component).add(capacity);
      const series = metricRegistry.instrument(definitions.size).bind(component);
      metricRegistry.onCollect(() => {
        series.value = size();
      });
    },
  };
}
