import type { Board } from "../board.ts";

export const http: Board = {
  id: "http",
  title: "HTTP and runtime",
  description: "Requests in and out, and the event loop they share with storage.",
  rows: [
    {
      title: "Incoming requests",
      panels: [
        {
          title: "By status",
          unit: "cps",
          queries: [
            [
              "sum by (job, http_response_status_code) (rate(http_server_request_duration_seconds_count[$__rate_interval]))",
              "{{job}} {{http_response_status_code}}",
            ],
          ],
        },
        {
          title: "Duration",
          unit: "s",
          queries: [
            [
              "histogram_quantile(0.5, sum by (le, job) (rate(http_server_request_duration_seconds_bucket[$__rate_interval])))",
              "median {{job}}",
            ],
            [
              "histogram_quantile(0.99, sum by (le, job) (rate(http_server_request_duration_seconds_bucket[$__rate_interval])))",
              "99 % {{job}}",
            ],
          ],
        },
        { title: "Active", unit: "short", queries: [["sum by (job) (http_server_active_requests)", "{{job}}"]] },
        {
          title: "Ratio of request time spent in storage",
          unit: "percentunit",
          width: 12,
          note: "Storage time per second of active requests.",
          queries: [
            [
              `sum by (job) (rate(db_client_operation_duration_seconds_sum[$__rate_interval]))
/ sum by (job) (rate(http_server_request_duration_seconds_sum[$__rate_interval]))`,
              "{{job}}",
            ],
          ],
        },
        {
          title: "Responses with 5xx",
          unit: "cps",
          width: 12,
          queries: [
            [
              'sum by (job, http_request_method, http_route) (rate(http_server_request_duration_seconds_count{http_response_status_code=~"5.."}[$__rate_interval]))',
              "{{http_request_method}} {{http_route}}",
            ],
          ],
          example: {
            'http_server_request_duration_seconds_count{job="api",instance="a",http_response_status_code="500"}':
              "0+1x60",
          },
        },
      ],
    },
    {
      title: "Outgoing requests",
      panels: [
        {
          title: "By server",
          unit: "cps",
          width: 12,
          queries: [
            [
              "sum by (job, server_address, http_response_status_code) (rate(http_client_request_duration_seconds_count[$__rate_interval]))",
              "{{server_address}} {{http_response_status_code}}",
            ],
          ],
          example: {
            'http_client_request_duration_seconds_count{job="api",instance="a",server_address="mirror"}': "0+1x60",
          },
        },
        {
          title: "Duration",
          unit: "s",
          width: 12,
          queries: [
            [
              "histogram_quantile(0.99, sum by (le, job, server_address) (rate(http_client_request_duration_seconds_bucket[$__rate_interval])))",
              "99 % {{server_address}}",
            ],
          ],
          example: {
            'http_client_request_duration_seconds_bucket{job="api",instance="a",server_address="mirror",le="1"}':
              "0+1x60",
            'http_client_request_duration_seconds_bucket{job="api",instance="a",server_address="mirror",le="+Inf"}':
              "0+1x60",
          },
        },
      ],
    },
    {
      title: "Runtime",
      panels: [
        {
          title: "Event loop blocked by storage",
          unit: "percentunit",
          alert: "StorageBlocksEventLoop",
          queries: [
            [
              "sum by (job, instance) (rate(storage_eventloop_blocked_time_seconds_total[$__rate_interval]))",
              "{{job}} {{instance}}",
            ],
          ],
        },
        {
          title: "Processes",
          kind: "table",
          unit: "short",
          width: 16,
          queries: [
            [
              "count by (job, instance, process_runtime_version, service_version, telemetry_distro_version) (target_info)",
              "{{job}}",
            ],
          ],
        },
      ],
    },
  ],
};
