import type { Board } from "../board.ts";

export const collectors: Board = {
  id: "collectors",
  title: "Collectors",
  description: "Agents, gateways and samplers: received and sent telemetry, and queues.",
  rows: [
    {
      title: "Throughput",
      panels: [
        {
          title: "Spans",
          unit: "cps",
          queries: [
            ["sum by (job) (rate(otelcol_receiver_accepted_spans_total[$__rate_interval]))", "accepted by {{job}}"],
            [
              "sum by (job, exporter) (rate(otelcol_exporter_sent_spans_total[$__rate_interval]))",
              "sent by {{job}} to {{exporter}}",
            ],
          ],
        },
        {
          title: "Data points and log records",
          unit: "cps",
          queries: [
            [
              "sum by (job) (rate(otelcol_receiver_accepted_metric_points_total[$__rate_interval]))",
              "data points accepted by {{job}}",
            ],
            [
              "sum by (job) (rate(otelcol_receiver_accepted_log_records_total[$__rate_interval]))",
              "log records accepted by {{job}}",
            ],
          ],
        },
        {
          title: "Refused",
          unit: "cps",
          alert: "CollectorRefuses",
          queries: [
            [
              "sum by (job, instance) (rate(otelcol_receiver_refused_spans_total[$__rate_interval]))",
              "{{job}} {{instance}}",
            ],
          ],
        },
        {
          title: "Queues",
          unit: "percentunit",
          alert: "CollectorQueueFilling",
          queries: [
            [
              "max by (job, instance, exporter, data_type) (otelcol_exporter_queue_size / otelcol_exporter_queue_capacity)",
              "{{job}} {{exporter}} {{data_type}}",
            ],
          ],
        },
        {
          title: "Failed attempts",
          unit: "cps",
          queries: [
            [
              "sum by (job, exporter) (rate(otelcol_exporter_send_failed_spans_total[$__rate_interval]))",
              "{{job}} {{exporter}}",
            ],
          ],
          example: {
            'otelcol_exporter_send_failed_spans_total{job="agent",instance="a",exporter="otlp_grpc"}': "0+1x60",
          },
        },
        {
          title: "Spans kept by the sampler, by policy",
          unit: "cps",
          queries: [
            [
              "sum by (policy, sampled) (rate(otelcol_processor_tail_sampling_count_traces_sampled_total[$__rate_interval]))",
              "{{policy}} {{sampled}}",
            ],
          ],
        },
      ],
    },
    {
      title: "Cost",
      panels: [
        {
          title: "CPU",
          unit: "percentunit",
          width: 12,
          queries: [
            [
              "sum by (job, instance) (rate(otelcol_process_cpu_seconds_total[$__rate_interval]))",
              "{{job}} {{instance}}",
            ],
          ],
        },
        {
          title: "Memory",
          unit: "bytes",
          width: 12,
          queries: [["max by (job, instance) (otelcol_process_memory_rss_bytes)", "{{job}} {{instance}}"]],
        },
      ],
    },
  ],
};
