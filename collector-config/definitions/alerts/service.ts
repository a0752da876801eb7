import type { Alert } from "../alert.ts";
import { TARGET, one } from "./series.ts";

/** Alerts on missing scrapes, lost telemetry, and the Collectors. */
export const serviceAlerts: readonly Alert[] = [
  {
    name: "ScrapeMissing",
    severity: "critical",
    for: "5m",
    expression: "up < $threshold",
    threshold: 1,
    summary: "{{ $labels.job }} at {{ $labels.instance }} has not answered Prometheus for five minutes.",
    meaning:
      "Prometheus scrapes a process and gets no response: the process is down, its event loop is blocked, or the network is broken.",
    impact: "The service is probably down. Its other alerts cannot fire meanwhile.",
    look: [
      ["targets that do not respond", "up == 0"],
      ["the duration of earlier scrapes", "max by (job, instance) (scrape_duration_seconds)"],
    ],
    actions: [
      "Check whether the process runs. If it runs and does not respond, its event loop is blocked: the last log record of `storage.eventloop.blocked` has the line of code.",
      "`OTEL_EXPORTER_PROMETHEUS_HOST` is `127.0.0.1` by default, which other machines cannot reach.",
      "If the application listens on the port itself, stratascope leaves it, with one line on stderr: set another one with `OTEL_EXPORTER_PROMETHEUS_PORT`. `npx stratascope status`, run as the user of the process, needs no port.",
    ],
    fires: {
      series: one("up", TARGET, "1x10 0x20"),
      at: "17m",
      labels: TARGET,
      summary: "api at a has not answered Prometheus for five minutes.",
    },
    silent: { series: one("up", TARGET, "1x10 0x3 1x20"), at: "17m" },
  },
  {
    name: "TelemetryLost",
    severity: "warning",
    for: "10m",
    expression: `sum by (job, instance, otel_component_type, error_type) (
  rate(otel_sdk_exporter_span_exported_total{error_type!=""}[10m])
  or rate(otel_sdk_exporter_metric_data_point_exported_total{error_type!=""}[10m])
  or rate(otel_sdk_exporter_log_exported_total{error_type!=""}[10m])
  or rate(otel_sdk_processor_span_processed_total{error_type!=""}[10m])
  or rate(otel_sdk_processor_log_processed_total{error_type!=""}[10m])
) > $threshold`,
    threshold: 0,
    summary: "{{ $labels.job }} loses telemetry in {{ $labels.otel_component_type }}: {{ $labels.error_type }}.",
    meaning: "Spans, data points or log records of a service are dropped before they reach a Collector.",
    impact: "The service itself is not affected. Traces are incomplete.",
    look: [
      [
        "lost spans by error",
        'sum by (job, otel_component_type, error_type) (rate(otel_sdk_exporter_span_exported_total{error_type!=""}[10m]))',
      ],
      [
        "bytes that wait to be sent",
        "sum by (job, instance, otel_component_type) (storage_instrumentation_backlog_bytes)",
      ],
    ],
    actions: [
      "`backlog_full`: the Collector cannot be reached or is too slow. See the dashboard of the Collectors.",
      "`queue_full`: more spans at once than `OTEL_BSP_MAX_QUEUE_SIZE`. Reduce the sampling ratio, or enlarge the queue.",
      "An HTTP status: the Collector rejects requests; its log has the reason.",
    ],
    fires: {
      series: one(
        "otel_sdk_exporter_span_exported_total",
        { ...TARGET, otel_component_type: "otlp_http_span_exporter", error_type: "backlog_full" },
        "0+5x60",
      ),
      at: "30m",
      labels: { ...TARGET, otel_component_type: "otlp_http_span_exporter", error_type: "backlog_full" },
      summary: "api loses telemetry in otlp_http_span_exporter: backlog_full.",
    },
    silent: {
      series: {
        ...one(
          "otel_sdk_exporter_span_exported_total",
          { ...TARGET, otel_component_type: "otlp_http_span_exporter" },
          "0+500x60",
        ),
        ...one(
          "otel_sdk_exporter_span_exported_total",
          { ...TARGET, otel_component_type: "otlp_http_span_exporter", error_type: "backlog_full" },
          "0x60",
        ),
      },
      at: "30m",
    },
  },
  {
    name: "TelemetryBacklog",
    severity: "warning",
    for: "5m",
    expression: "max by (job, instance, otel_component_type) (storage_instrumentation_backlog_bytes) > $threshold",
    threshold: 3_145_728,
    summary: "{{ $value | humanize1024 }}B of telemetry wait in {{ $labels.job }}.",
    meaning: "For five minutes, a service could not send its telemetry: three of the four MiB of its buffer are full.",
    impact: "None yet. Telemetry is lost once the buffer is full.",
    look: [
      [
        "bytes that wait to be sent",
        "sum by (job, instance, otel_component_type) (storage_instrumentation_backlog_bytes)",
      ],
      ["whether the Collectors respond", "up"],
    ],
    actions: ["Check that the Collector at `OTEL_EXPORTER_OTLP_ENDPOINT` runs and accepts telemetry."],
    fires: {
      series: one(
        "storage_instrumentation_backlog_bytes",
        { ...TARGET, otel_component_type: "otlp_http_span_exporter" },
        "3670016x30",
      ),
      at: "20m",
      labels: { ...TARGET, otel_component_type: "otlp_http_span_exporter" },
      summary: "3.5MiB of telemetry wait in api.",
    },
    silent: {
      series: one(
        "storage_instrumentation_backlog_bytes",
        { ...TARGET, otel_component_type: "otlp_http_span_exporter" },
        "3145728x30",
      ),
      at: "20m",
    },
  },
  {
    name: "InstrumentationSwitchedOff",
    severity: "warning",
    expression: "sum by (job, instance, storage_driver_name) (storage_instrumentation_errors_total) > $threshold",
    threshold: 0,
    summary: "A part of stratascope has failed for {{ $labels.storage_driver_name }} in {{ $labels.job }}.",
    meaning:
      "Code of stratascope failed, which left single calls unobserved. A part that fails 100 times within a minute is off for 30 s, and each further time for twice as long, up to an hour. The application was not affected.",
    impact: "Some telemetry of this driver is missing.",
    look: [["which driver", "sum by (job, instance, storage_driver_name) (storage_instrumentation_errors_total)"]],
    actions: [
      "The service has logged the failure once on stderr. Please report it, with that line and the versions of the driver and of Node.js.",
    ],
    fires: {
      series: one(
        "storage_instrumentation_errors_total",
        { ...TARGET, storage_driver_name: "better-sqlite3" },
        "0x10 1x10",
      ),
      at: "12m",
      labels: { ...TARGET, storage_driver_name: "better-sqlite3" },
      summary: "A part of stratascope has failed for better-sqlite3 in api.",
    },
    silent: {
      series: one("storage_instrumentation_errors_total", { ...TARGET, storage_driver_name: "better-sqlite3" }, "0x20"),
      at: "12m",
    },
  },
  {
    name: "CollectorQueueFilling",
    severity: "warning",
    for: "5m",
    expression:
      "max by (job, instance, exporter, data_type) (otelcol_exporter_queue_size / otelcol_exporter_queue_capacity) > $threshold",
    threshold: 0.7,
    summary:
      "The queue of {{ $labels.exporter }} in the Collector {{ $labels.instance }} is {{ $value | humanizePercentage }} full.",
    meaning: "A Collector receives more than it can send, or its destination does not respond.",
    impact: "None yet: the queue is on disk. When it is full, the Collector asks its clients to retry later.",
    look: [
      ["the fill ratio of the queues", "otelcol_exporter_queue_size / otelcol_exporter_queue_capacity"],
      [
        "received minus sent spans",
        "sum by (instance) (rate(otelcol_receiver_accepted_spans_total[5m])) - sum by (instance) (rate(otelcol_exporter_sent_spans_total[5m]))",
      ],
      ["failed attempts", "sum by (instance, exporter) (rate(otelcol_exporter_send_failed_spans_total[5m]))"],
    ],
    actions: [
      "Check that the backend responds, in its log and in the Collector's.",
      "If it does, and the Collector's CPU is saturated, run one more: README.md has the numbers per load.",
    ],
    fires: {
      series: {
        ...one(
          "otelcol_exporter_queue_size",
          { job: "gateway", instance: "g1", exporter: "otlp_grpc", data_type: "traces" },
          "80x30",
        ),
        ...one(
          "otelcol_exporter_queue_capacity",
          { job: "gateway", instance: "g1", exporter: "otlp_grpc", data_type: "traces" },
          "100x30",
        ),
      },
      at: "20m",
      labels: { job: "gateway", instance: "g1", exporter: "otlp_grpc", data_type: "traces" },
      summary: "The queue of otlp_grpc in the Collector g1 is 80% full.",
    },
    silent: {
      series: {
        ...one(
          "otelcol_exporter_queue_size",
          { job: "gateway", instance: "g1", exporter: "otlp_grpc", data_type: "traces" },
          "70x30",
        ),
        ...one(
          "otelcol_exporter_queue_capacity",
          { job: "gateway", instance: "g1", exporter: "otlp_grpc", data_type: "traces" },
          "100x30",
        ),
      },
      at: "20m",
    },
  },
  {
    name: "CollectorRefuses",
    severity: "warning",
    for: "5m",
    expression: "sum by (job, instance, receiver) (rate(otelcol_receiver_refused_spans_total[5m])) > $threshold",
    threshold: 0,
    summary: "The Collector {{ $labels.instance }} refuses spans.",
    meaning: "A Collector has reached its memory limit or its queue is full, and asks its clients to retry later.",
    impact: "Agents keep telemetry on disk and send it later. Services keep 4 MiB each.",
    look: [
      ["refused spans", "sum by (instance) (rate(otelcol_receiver_refused_spans_total[5m]))"],
      ["the memory of the Collector", "otelcol_process_memory_rss_bytes"],
      ["the fill ratio of the queues", "otelcol_exporter_queue_size / otelcol_exporter_queue_capacity"],
    ],
    actions: [
      "Check its destination first. Then give it more memory, with `GOMEMLIMIT` at four fifths of it, or run one more.",
    ],
    fires: {
      series: one(
        "otelcol_receiver_refused_spans_total",
        { job: "gateway", instance: "g1", receiver: "otlp" },
        "0+10x30",
      ),
      at: "20m",
      labels: { job: "gateway", instance: "g1", receiver: "otlp" },
      summary: "The Collector g1 refuses spans.",
    },
    silent: {
      series: one("otelcol_receiver_refused_spans_total", { job: "gateway", instance: "g1", receiver: "otlp" }, "0x30"),
      at: "20m",
    },
  },
];
