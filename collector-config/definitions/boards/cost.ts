import type { Board } from "../board.ts";

export const cost: Board = {
  id: "cost",
  title: "stratascope: its own cost",
  description: "Cost of the instrumentation, and sent and lost telemetry.",
  rows: [
    {
      title: "Cost",
      panels: [
        {
          title: "Event loop blocked by serializing",
          unit: "percentunit",
          queries: [
            [
              "sum by (job, otel_component_type) (rate(storage_instrumentation_time_seconds_total[$__rate_interval]))",
              "{{job}} {{otel_component_type}}",
            ],
          ],
        },
        {
          title: "Waiting to be sent",
          unit: "bytes",
          alert: "TelemetryBacklog",
          queries: [
            [
              "sum by (job, instance, otel_component_type) (storage_instrumentation_backlog_bytes)",
              "{{job}} {{otel_component_type}}",
            ],
          ],
        },
        {
          title: "Parts switched off",
          unit: "short",
          alert: "InstrumentationSwitchedOff",
          queries: [
            [
              "sum by (job, storage_driver_name) (storage_instrumentation_errors_total)",
              "{{job}} {{storage_driver_name}}",
            ],
          ],
        },
        {
          title: "Operations per timed operation",
          unit: "short",
          queries: [
            [
              "max by (job, instance, db_namespace) (storage_instrumentation_timing_interval)",
              "{{job}} {{db_namespace}}",
            ],
          ],
        },
        {
          title: "Duration of a scrape",
          unit: "s",
          queries: [["max by (job, instance) (scrape_duration_seconds)", "{{job}} {{instance}}"]],
        },
        {
          title: "Series",
          unit: "short",
          queries: [["max by (job, instance) (scrape_samples_scraped)", "{{job}} {{instance}}"]],
        },
      ],
    },
    {
      title: "Sent and lost",
      panels: [
        {
          title: "Sent",
          unit: "cps",
          queries: [
            [
              'sum by (job) (rate(otel_sdk_exporter_span_exported_total{error_type=""}[$__rate_interval]))',
              "spans {{job}}",
            ],
            [
              'sum by (job) (rate(otel_sdk_exporter_metric_data_point_exported_total{error_type=""}[$__rate_interval]))',
              "data points {{job}}",
            ],
            [
              'sum by (job) (rate(otel_sdk_exporter_log_exported_total{error_type=""}[$__rate_interval]))',
              "log records {{job}}",
            ],
          ],
        },
        {
          title: "Lost",
          unit: "cps",
          alert: "TelemetryLost",
          queries: [
            [
              'sum by (job, otel_component_type, error_type) (rate(otel_sdk_exporter_span_exported_total{error_type!=""}[$__rate_interval]))',
              "{{otel_component_type}} {{error_type}}",
            ],
            [
              'sum by (job, otel_component_type, error_type) (rate(otel_sdk_processor_span_processed_total{error_type!=""}[$__rate_interval]))',
              "{{otel_component_type}} {{error_type}}",
            ],
            [
              'sum by (job, otel_component_type, error_type) (rate(otel_sdk_exporter_log_exported_total{error_type!=""}[$__rate_interval]))',
              "{{otel_component_type}} {{error_type}}",
            ],
            [
              'sum by (job, otel_component_type, error_type) (rate(otel_sdk_processor_log_processed_total{error_type!=""}[$__rate_interval]))',
              "{{otel_component_type}} {{error_type}}",
            ],
          ],
        },
        {
          title: "Queues",
          unit: "percentunit",
          queries: [
            [
              "sum by (job, instance) (otel_sdk_processor_span_queue_size) / sum by (job, instance) (otel_sdk_processor_span_queue_capacity)",
              "spans {{job}}",
            ],
            [
              "sum by (job, instance) (otel_sdk_processor_log_queue_size) / sum by (job, instance) (otel_sdk_processor_log_queue_capacity)",
              "log records {{job}}",
            ],
          ],
        },
      ],
    },
  ],
};
