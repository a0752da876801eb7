import type { Board, Row } from "../board.ts";
import { example, quantile } from "./series.ts";

/** What is asked of a store of keys and values first: get, set, delete and batch, each with its durations and failures. */
const byOperation: Row = {
  title: "By operation: get, put, del, batch, SELECT, INSERT",
  panels: [
    {
      title: "Median, 95 % and 99 % of the durations",
      unit: "s",
      queries: [0.5, 0.95, 0.99].map((share) => [
        quantile(share, "db_operation_name", "db_client_operation_duration_seconds"),
        `${share * 100} % {{db_operation_name}}`,
      ]),
    },
    {
      title: "Failure ratio",
      unit: "percentunit",
      queries: [
        [
          `(sum by (db_operation_name) (rate(db_client_operation_duration_seconds_count{error_type!=""}[$__rate_interval])) or 0 * sum by (db_operation_name) (rate(db_client_operation_duration_seconds_count[$__rate_interval])))
/ (sum by (db_operation_name) (rate(db_client_operation_duration_seconds_count[$__rate_interval])) > 0)`,
          "{{db_operation_name}}",
        ],
      ],
    },
    {
      title: "Records per operation",
      unit: "short",
      note: "Of a batch: its size.",
      queries: [
        [
          `sum by (db_operation_name) (rate(storage_operation_records_total[$__rate_interval]))
/ (sum by (db_operation_name) (rate(db_client_operation_duration_seconds_count[$__rate_interval])) > 0)`,
          "{{db_operation_name}}",
        ],
      ],
    },
    {
      title: "In progress",
      unit: "short",
      note: "The depth of the queue, as the application sees it: what has begun and not ended. Only of engines that are asynchronous.",
      width: 12,
      queries: [["sum by (job, db_namespace) (storage_operation_active)", "{{job}} {{db_namespace}}"]],
      example: example({ storage_operation_active: "7x60" }),
    },
  ],
};

export const operations: Board = {
  id: "operations",
  title: "Storage: operations and transactions",
  description: "Rate and duration of the operations and transactions of the application.",
  rows: [
    {
      title: "Operations",
      panels: [
        {
          title: "By operation",
          unit: "cps",
          queries: [
            [
              "sum by (db_operation_name) (rate(db_client_operation_duration_seconds_count[$__rate_interval]))",
              "{{db_operation_name}}",
            ],
          ],
        },
        {
          title: "By primitive",
          unit: "cps",
          queries: [
            [
              "sum by (storage_primitive) (rate(db_client_operation_duration_seconds_count[$__rate_interval]))",
              "{{storage_primitive}}",
            ],
          ],
        },
        {
          title: "Duration",
          unit: "s",
          queries: [
            [quantile(0.5, "db_namespace", "db_client_operation_duration_seconds"), "median {{db_namespace}}"],
            [quantile(0.99, "db_namespace", "db_client_operation_duration_seconds"), "99 % {{db_namespace}}"],
          ],
        },
        {
          title: "Records read and changed",
          unit: "cps",
          queries: [
            [
              "sum by (disk_io_direction) (rate(storage_operation_records_total[$__rate_interval]))",
              "{{disk_io_direction}}",
            ],
          ],
        },
        {
          title: "Records scanned",
          unit: "cps",
          note: "Only if the engine counts them: node:sqlite from Node.js 26.8 on. Far more scanned than returned records mean a missing index.",
          queries: [
            [
              "topk(10, sum by (job, db_query_summary) (rate(storage_operation_scanned_records_total[$__rate_interval])))",
              "{{db_query_summary}}",
            ],
          ],
          example: {
            'storage_operation_scanned_records_total{job="api",instance="a",db_system_name="sqlite",db_namespace="main",db_query_summary="SELECT words"}':
              "0+1000x60",
          },
        },
        {
          title: "Statements by total time",
          kind: "table",
          unit: "percentunit",
          note: "Ratio of the time of one event loop.",
          queries: [
            [
              "topk(15, sum by (job, db_namespace, db_query_summary) (rate(db_client_operation_duration_seconds_sum[$__rate_interval])))",
              "{{db_query_summary}}",
            ],
          ],
        },
        {
          title: "Statements by average duration",
          kind: "table",
          unit: "s",
          queries: [
            [
              `topk(15, sum by (job, db_namespace, db_query_summary) (rate(db_client_operation_duration_seconds_sum[$__rate_interval]))
/ (sum by (job, db_namespace, db_query_summary) (rate(db_client_operation_duration_seconds_count[$__rate_interval])) > 0))`,
              "{{db_query_summary}}",
            ],
          ],
        },
      ],
    },
    byOperation,
    {
      title: "Transactions",
      panels: [
        {
          title: "By outcome",
          unit: "cps",
          queries: [
            [
              "sum by (storage_transaction_mode, storage_transaction_outcome) (rate(storage_transaction_duration_seconds_count[$__rate_interval]))",
              "{{storage_transaction_mode}} {{storage_transaction_outcome}}",
            ],
          ],
        },
        {
          title: "Duration",
          unit: "s",
          queries: [
            [
              quantile(0.5, "storage_transaction_mode", "storage_transaction_duration_seconds"),
              "median {{storage_transaction_mode}}",
            ],
            [
              quantile(0.99, "storage_transaction_mode", "storage_transaction_duration_seconds"),
              "99 % {{storage_transaction_mode}}",
            ],
          ],
        },
        {
          title: "Failure ratio",
          unit: "percentunit",
          alert: "StorageTransactionsFailing",
          queries: [
            [
              `sum by (db_namespace) (rate(storage_transaction_duration_seconds_count{storage_transaction_outcome=~"conflict|error"}[$__rate_interval]))
/ sum by (db_namespace) (rate(storage_transaction_duration_seconds_count[$__rate_interval]))`,
              "{{db_namespace}}",
            ],
          ],
        },
        {
          title: "Commits",
          unit: "s",
          alert: "StorageCommitSlow",
          queries: [
            [quantile(0.5, "db_namespace", "storage_transaction_commit_duration_seconds"), "median {{db_namespace}}"],
            [quantile(0.99, "db_namespace", "storage_transaction_commit_duration_seconds"), "99 % {{db_namespace}}"],
          ],
        },
        {
          title: "Off-CPU time of commits",
          unit: "s",
          note: "Average time waiting for a disk or a lock. Of frequent commits, about one in 20 ms is measured.",
          queries: [
            [
              `sum by (db_namespace) (rate(storage_transaction_commit_off_cpu_duration_seconds_sum[$__rate_interval]))
/ sum by (db_namespace) (rate(storage_transaction_commit_off_cpu_duration_seconds_count[$__rate_interval]))`,
              "{{db_namespace}}",
            ],
          ],
        },
        {
          title: "Lock waits and retries",
          unit: "cps",
          queries: [
            [
              "sum by (db_namespace) (rate(storage_lock_wait_duration_seconds_count[$__rate_interval]))",
              "waits {{db_namespace}}",
            ],
            ["sum by (db_namespace) (rate(storage_lock_retries_total[$__rate_interval]))", "tries {{db_namespace}}"],
          ],
        },
      ],
    },
  ],
};
