import type { Alert } from "../alert.ts";
import { TARGET, one } from "./series.ts";

/** Whether the service is seen at all, and what stratascope and the Collectors do with what they see. */
export const serviceAlerts: readonly Alert[] = [
  {
    name: "ScrapeMissing",
    severity: "critical",
    for: "5m",
    expression: "up < $threshold",
    threshold: 1,
    summary: "{{ $labels.job }} at {{ $labels.instance }} has not answered Prometheus for five minutes.",
    meaning:
      "Prometheus asks for the metrics of a process and gets no answer: the process is down, its event loop stands still, or the network is in between.",
    impact: "Probably the service is down. In any case nothing else that is wrong with it shows.",
    look: [
      ["which targets do not answer", "up == 0"],
      ["how long answers took before", "max by (job, instance) (scrape_duration_seconds)"],
    ],
    actions: [
      "Look whether the process runs. If it does and does not answer, its event loop stands still: the last log record of `storage.eventloop.blocked` says where.",
      "`OTEL_EXPORTER_PROMETHEUS_HOST` is `127.0.0.1` unless told otherwise, which nobody else can reach.",
      "A port the application listens on itself is left to it, and the process said so once on stderr: `OTEL_EXPORTER_PROMETHEUS_PORT` names another one. `npx stratascope status`, as the user of the process, asks it without any port.",
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
    impact: "The service itself is not affected. Traces have holes.",
    look: [
      [
        "what is lost, and why",
        'sum by (job, otel_component_type, error_type) (rate(otel_sdk_exporter_span_exported_total{error_type!=""}[10m]))',
      ],
      ["what waits to be sent", "sum by (job, instance, otel_component_type) (storage_instrumentation_backlog_bytes)"],
    ],
    actions: [
      "`backlog_full`: the Collector cannot be reached or is too slow. Look at the dashboard of the Collectors.",
      "`queue_full`: more spans at once than `OTEL_BSP_MAX_QUEUE_SIZE`. Sample less, or make the queue longer.",
      "A status: the Collector refuses what it gets; its log says why.",
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
    meaning:
      "A service has for five minutes not been able to send what it has: three of the four MiB it keeps are full.",
    impact: "None yet; soon telemetry is lost.",
    look: [
      ["what waits", "sum by (job, instance, otel_component_type) (storage_instrumentation_backlog_bytes)"],
      ["whether the Collectors answer", "up"],
    ],
    actions: ["Look whether the Collector that `OTEL_EXPORTER_OTLP_ENDPOINT` names runs and takes what it gets."],
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
      "Something in stratascope failed, which left the calls it happened in unobserved. A part that fails 100 times within a minute is off for 30 s, and each further time for twice as long, up to an hour; the application was not affected.",
    impact: "Some telemetry of this driver is missing.",
    look: [["which driver", "sum by (job, instance, storage_driver_name) (storage_instrumentation_errors_total)"]],
    actions: [
      "The service said once on stderr what failed. Please report it, with that line and the versions of the driver and of Node.js.",
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
    meaning: "A Collector gets more than it can hand on, or what it hands on to does not answer.",
    impact: "None yet: the queue is on disk. When it is full, those who send are told to wait.",
    look: [
      ["how full the queues are", "otelcol_exporter_queue_size / otelcol_exporter_queue_capacity"],
      [
        "what comes in and what goes out",
        "sum by (instance) (rate(otelcol_receiver_accepted_spans_total[5m])) - sum by (instance) (rate(otelcol_exporter_sent_spans_total[5m]))",
      ],
      ["failed attempts", "sum by (instance, exporter) (rate(otelcol_exporter_send_failed_spans_total[5m]))"],
    ],
    actions: [
      "Look whether the backend answers; its log and the Collector's say.",
      "If it does, and the Collector's processor is busy, run one more: README.md says how many are needed for what.",
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
    meaning: "A Collector is out of memory or its queue is full, and tells those who send to come again.",
    impact: "Agents keep what they have on disk and send it later. Services keep 4 MiB each.",
    look: [
      ["what is refused", "sum by (instance) (rate(otelcol_receiver_refused_spans_total[5m]))"],
      ["its memory", "otelcol_process_memory_rss_bytes"],
      ["how full the queues are", "otelcol_exporter_queue_size / otelcol_exporter_queue_capacity"],
    ],
    actions: [
      "Look at what it hands on to first. Then give it more memory, with `GOMEMLIMIT` at four fifths of it, or run one more.",
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
