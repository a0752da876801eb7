import type { Objective } from "./alert.ts";

/**
 * Returns an objective by which at most one of a hundred events takes longer than the bound of a bucket.
 * @param metric the histogram, as Prometheus names it
 */
const inTime = (metric: string, bound: string): Pick<Objective, "target" | "bad" | "total" | "fires" | "silent"> => ({
  target: 0.99,
  bad: `sum by (job) (rate(${metric}_count[$window]))
- sum by (job) (rate(${metric}_bucket{le="${bound}"}[$window]))`,
  total: `sum by (job) (rate(${metric}_count[$window]))`,
  fires: {
    [`${metric}_count{job="api"}`]: "0+600x150",
    [`${metric}_bucket{job="api",le="${bound}"}`]: "0+600x60 36300+300x90",
  },
  silent: {
    [`${metric}_count{job="api"}`]: "0+600x150",
    [`${metric}_bucket{job="api",le="${bound}"}`]: "0+597x150",
  },
});

/** Objectives of the service; `$window` stands for each of the windows of the alerts. */
export const objectives: readonly Objective[] = [
  {
    name: "StorageOperations",
    promise: "At most one of a thousand storage operations fails.",
    target: 0.999,
    bad: 'sum by (job) (rate(db_client_operation_duration_seconds_count{error_type!=""}[$window]))',
    total: "sum by (job) (rate(db_client_operation_duration_seconds_count[$window]))",
    impact: "Requests fail or are incomplete.",
    look: [
      [
        "failed operations by error",
        'sum by (job, db_namespace, db_query_summary, error_type) (rate(db_client_operation_duration_seconds_count{error_type!=""}[5m]))',
      ],
      ["conflicts by reason", "sum by (job, storage_conflict_reason) (rate(storage_transaction_conflicts_total[5m]))"],
    ],
    actions: [
      "`SQLITE_BUSY`: follow the runbook of StorageTransactionsFailing.",
      "`SQLITE_FULL`, `SQLITE_IOERR`: follow the runbook of StorageDiskErrors.",
      "`SQLITE_CONSTRAINT`: often expected by the application. If it is, add `error_type!~` to the definition of this objective.",
    ],
    fires: {
      'db_client_operation_duration_seconds_count{job="api"}': ["0+600x60", "36300+300x90"].join(" "),
      'db_client_operation_duration_seconds_count{job="api",error_type="SQLITE_BUSY"}': ["0x60", "300+300x90"].join(
        " ",
      ),
    },
    silent: {
      'db_client_operation_duration_seconds_count{job="api"}': "0+5999x150",
      'db_client_operation_duration_seconds_count{job="api",error_type="SQLITE_BUSY"}': "0+1x150",
    },
  },
  {
    name: "HttpRequests",
    promise: "At most one of two hundred requests gets a response with a status of 500 or higher.",
    target: 0.995,
    bad: 'sum by (job) (rate(http_server_request_duration_seconds_count{http_response_status_code=~"5.."}[$window]))',
    total: "sum by (job) (rate(http_server_request_duration_seconds_count[$window]))",
    impact: "Users get errors.",
    look: [
      [
        "requests by route",
        'sum by (job, http_request_method, http_route, http_response_status_code) (rate(http_server_request_duration_seconds_count{http_response_status_code=~"5.."}[5m]))',
      ],
      [
        "failed storage operations",
        'sum by (job, db_query_summary, error_type) (rate(db_client_operation_duration_seconds_count{error_type!=""}[5m]))',
      ],
    ],
    actions: [
      "Open a trace of a failed request: the failed operation has a span.",
      "If storage does not fail, the cause is in the application: read its log.",
    ],
    fires: {
      'http_server_request_duration_seconds_count{job="api",http_response_status_code="200"}': [
        "0+600x60",
        "36300+300x90",
      ].join(" "),
      'http_server_request_duration_seconds_count{job="api",http_response_status_code="500"}': [
        "0x60",
        "300+300x90",
      ].join(" "),
    },
    silent: {
      'http_server_request_duration_seconds_count{job="api",http_response_status_code="200"}': "0+599x150",
      'http_server_request_duration_seconds_count{job="api",http_response_status_code="500"}': "0+1x150",
    },
  },
  {
    name: "HttpTime",
    promise: "At most one of a hundred requests takes longer than 750 ms.",
    ...inTime("http_server_request_duration_seconds", "0.75"),
    impact: "Users wait.",
    look: [
      [
        "requests by route",
        "histogram_quantile(0.99, sum by (le, job, http_request_method, http_route) (rate(http_server_request_duration_seconds_bucket[5m])))",
      ],
      [
        "the statements that block the event loop",
        "topk(5, sum by (job, db_query_summary) (rate(storage_eventloop_blocked_time_seconds_total[5m])))",
      ],
      [
        "the wait time for the write lock",
        "sum by (job, db_namespace) (rate(storage_lock_wait_duration_seconds_sum[5m]))",
      ],
    ],
    actions: [
      "Open a trace of a slow request: `storage.rollup.time` on its span is the time spent in storage, by kind.",
      "If the event loop is blocked, follow the runbook of StorageBlocksEventLoop.",
      "If a checkpoint inside a commit takes the time, follow the runbook of StorageCheckpointSlow.",
    ],
  },
  {
    name: "CommitTime",
    promise: "At most one of a hundred commits takes longer than 256 ms.",
    ...inTime("storage_transaction_commit_duration_seconds", "0.256"),
    impact: "Requests that write are slow.",
    look: [
      [
        "the duration of commits",
        "histogram_quantile(0.99, sum by (le, job, db_namespace) (rate(storage_transaction_commit_duration_seconds_bucket[5m])))",
      ],
      [
        "the duration of checkpoints",
        "histogram_quantile(0.99, sum by (le, job, db_namespace) (rate(storage_checkpoint_duration_seconds_bucket[5m])))",
      ],
    ],
    actions: ["Follow the runbook of StorageCommitSlow."],
  },
];
