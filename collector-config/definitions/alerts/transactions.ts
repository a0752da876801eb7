import type { Alert } from "../alert.ts";
import { BY_DATABASE, DATABASE, TARGET, histogram, one } from "./series.ts";

/** Alerts on transactions, locks and blocked event loops. */
export const transactionAlerts: readonly Alert[] = [
  {
    name: "StorageCommitSlow",
    severity: "warning",
    for: "10m",
    expression: `histogram_quantile(0.99, sum by (le, job, instance, db_system_name, db_namespace) (rate(storage_transaction_commit_duration_seconds_bucket[5m]))) > $threshold`,
    threshold: 0.256,
    summary: "One commit to {{ $labels.db_namespace }} in a hundred takes {{ $value | humanizeDuration }}.",
    meaning: "Commits are slow: they wait for the disk, for an automatic checkpoint, or for a lock.",
    impact:
      "Requests that write are slow. With a synchronous driver, all other requests of the process wait meanwhile.",
    look: [
      [
        "the duration of commits",
        "histogram_quantile(0.99, sum by (le, db_namespace) (rate(storage_transaction_commit_duration_seconds_bucket[5m])))",
      ],
      [
        "the time per commit that is spent waiting for a disk or a lock",
        "sum by (db_namespace) (rate(storage_transaction_commit_off_cpu_duration_seconds_sum[15m])) / sum by (db_namespace) (rate(storage_transaction_commit_off_cpu_duration_seconds_count[15m]))",
      ],
      [
        "the duration of automatic checkpoints",
        'histogram_quantile(0.99, sum by (le, db_namespace) (rate(storage_checkpoint_duration_seconds_bucket{storage_checkpoint_trigger="auto"}[5m])))',
      ],
    ],
    actions: [
      "If checkpoints take most of the time, follow the runbook of StorageCheckpointSlow.",
      "If off-CPU time dominates, check the disk: its latency, its other users, the free space of the file system.",
      "Put several writes into one transaction; with a WAL, `PRAGMA synchronous = NORMAL` does not wait for the disk at each commit.",
    ],
    fires: {
      series: histogram("storage_transaction_commit_duration_seconds", DATABASE, [0.256, 0.512]),
      at: "60m",
      labels: DATABASE,
      summary: "One commit to main in a hundred takes 509.4ms.",
    },
    silent: { series: histogram("storage_transaction_commit_duration_seconds", DATABASE, [0.128, 0.256]), at: "60m" },
  },
  {
    name: "StorageLongTransaction",
    severity: "warning",
    for: "5m",
    expression: `max ${BY_DATABASE} (storage_transaction_oldest_age_seconds) > $threshold`,
    threshold: 60,
    summary: "A transaction on {{ $labels.db_namespace }} has been open for {{ $value | humanizeDuration }}.",
    meaning:
      "A transaction was begun and has not ended. If it has written, it blocks all other writers; if it has read, checkpoints cannot go beyond its snapshot.",
    impact: "Other writers fail with `SQLITE_BUSY`, or the log grows.",
    look: [
      ["the age of the oldest one", "max by (job, instance, db_namespace) (storage_transaction_oldest_age_seconds)"],
      [
        "conflicts of other transactions",
        "sum by (job, db_namespace, storage_conflict_reason) (rate(storage_transaction_conflicts_total[5m]))",
      ],
    ],
    actions: [
      "Look for the log record `storage.snapshot.held`: it has the statement that began the transaction and the line of code that used it last.",
      "In the code: do not use `await` between `BEGIN` and `COMMIT`, and end the transaction in a `finally`.",
      "Restarting the process rolls it back.",
    ],
    fires: {
      series: one("storage_transaction_oldest_age_seconds", DATABASE, "0+60x30"),
      at: "10m",
      labels: DATABASE,
      summary: "A transaction on main has been open for 10m 0s.",
    },
    silent: { series: one("storage_transaction_oldest_age_seconds", DATABASE, "60x30"), at: "20m" },
  },
  {
    name: "StorageLongSnapshot",
    severity: "warning",
    for: "5m",
    expression: `max ${BY_DATABASE} (storage_snapshot_oldest_age_seconds) > $threshold`,
    threshold: 300,
    summary: "A snapshot of {{ $labels.db_namespace }} has been open for {{ $value | humanizeDuration }}.",
    meaning:
      "A read transaction or an iteration over a result has been open for more than five minutes, and the alert waits for another five.",
    impact: "The write-ahead log keeps all pages written since then.",
    look: [
      ["the age of the oldest one", "max by (job, instance, db_namespace) (storage_snapshot_oldest_age_seconds)"],
      ["the number of open iterations", "max by (job, instance, db_namespace) (storage_iterator_active)"],
      ["the bytes of the log that cannot be checkpointed", "max by (db_namespace) (storage_wal_checkpoint_lag_bytes)"],
    ],
    actions: [
      "Look for the log record `storage.snapshot.held`: it has the statement and the line of code.",
      "An iteration that is abandoned, for example because of an exception, stays open: use `for...of`, which ends it, or call `return()`.",
    ],
    fires: {
      series: one("storage_snapshot_oldest_age_seconds", DATABASE, "0+60x30"),
      at: "15m",
      labels: DATABASE,
      summary: "A snapshot of main has been open for 15m 0s.",
    },
    silent: { series: one("storage_snapshot_oldest_age_seconds", DATABASE, "300x30"), at: "20m" },
  },
  {
    name: "StorageTransactionsFailing",
    severity: "warning",
    for: "10m",
    expression: `sum ${BY_DATABASE} (rate(storage_transaction_duration_seconds_count{storage_transaction_outcome=~"conflict|error"}[5m]))
/ sum ${BY_DATABASE} (rate(storage_transaction_duration_seconds_count[5m])) > $threshold`,
    threshold: 0.05,
    summary: "{{ $value | humanizePercentage }} of the transactions on {{ $labels.db_namespace }} fail.",
    meaning:
      "Transactions fail because they cannot get a lock, or because one of their statements fails. Rollbacks by the application do not count.",
    impact: "Users get errors, or wait for retries.",
    look: [
      [
        "transactions by mode, outcome and error",
        "sum by (db_namespace, storage_transaction_mode, storage_transaction_outcome, error_type) (rate(storage_transaction_duration_seconds_count[5m]))",
      ],
      [
        "conflicts by reason",
        "sum by (db_namespace, storage_conflict_reason) (rate(storage_transaction_conflicts_total[5m]))",
      ],
    ],
    actions: [
      "`busy`: another connection holds the write lock for longer than the busy timeout. Look for long-running transactions in every process that has the file open.",
      "`serialization`: a transaction reads first and writes later. Begin it with `BEGIN IMMEDIATE`.",
      "`error`: the log of the service has the error; the span of the transaction has its type.",
    ],
    fires: {
      series: {
        ...one(
          "storage_transaction_duration_seconds_count",
          { ...DATABASE, storage_transaction_outcome: "commit" },
          "0+900x60",
        ),
        ...one(
          "storage_transaction_duration_seconds_count",
          { ...DATABASE, storage_transaction_outcome: "conflict" },
          "0+100x60",
        ),
      },
      at: "30m",
      labels: DATABASE,
      summary: "10% of the transactions on main fail.",
    },
    silent: {
      series: {
        ...one(
          "storage_transaction_duration_seconds_count",
          { ...DATABASE, storage_transaction_outcome: "commit" },
          "0+950x60",
        ),
        ...one(
          "storage_transaction_duration_seconds_count",
          { ...DATABASE, storage_transaction_outcome: "conflict" },
          "0+50x60",
        ),
      },
      at: "30m",
    },
  },
  {
    name: "StorageLockWait",
    severity: "warning",
    for: "10m",
    expression: `sum ${BY_DATABASE} (rate(storage_lock_wait_duration_seconds_sum[5m])) > $threshold`,
    threshold: 0.1,
    summary: "{{ $value | humanizePercentage }} of the time is spent waiting for a lock on {{ $labels.db_namespace }}.",
    meaning:
      "Transactions wait for the write lock for more than six seconds of every minute. With a synchronous driver, the process is blocked meanwhile.",
    impact: "Requests are slow, including those that only read.",
    look: [
      [
        "wait time per second",
        "sum by (job, instance, db_namespace) (rate(storage_lock_wait_duration_seconds_sum[5m]))",
      ],
      [
        "waits that ended without the lock",
        'sum by (job, db_namespace, error_type) (rate(storage_lock_wait_duration_seconds_count{error_type!=""}[5m]))',
      ],
      [
        "the duration of transactions",
        "histogram_quantile(0.99, sum by (le, job, db_namespace, storage_transaction_mode) (rate(storage_transaction_duration_seconds_bucket[5m])))",
      ],
    ],
    actions: [
      "Find the process with long-running write transactions, and split them into smaller ones.",
      "Write from only one process or worker.",
    ],
    fires: {
      series: one("storage_lock_wait_duration_seconds_sum", { ...DATABASE, storage_lock_type: "write" }, "0+12x60"),
      at: "30m",
      labels: DATABASE,
      summary: "20% of the time is spent waiting for a lock on main.",
    },
    silent: {
      series: one("storage_lock_wait_duration_seconds_sum", { ...DATABASE, storage_lock_type: "write" }, "0+6x60"),
      at: "30m",
    },
  },
  {
    name: "StorageBlocksEventLoop",
    severity: "warning",
    for: "10m",
    expression: "sum by (job, instance) (rate(storage_eventloop_blocked_time_seconds_total[5m])) > $threshold",
    threshold: 0.1,
    summary: "Storage blocks the event loop of {{ $labels.job }} for {{ $value | humanizePercentage }} of the time.",
    meaning:
      "Calls of at least 50 ms into a synchronous engine take more than a tenth of the time. The process serves no request meanwhile.",
    impact: "Every request of the process waits, health checks included.",
    look: [
      [
        "the statements with the most time or runs",
        "topk(5, sum by (job, db_query_summary) (rate(storage_eventloop_blocked_time_seconds_total[5m])))",
      ],
      [
        "the duration of requests",
        "histogram_quantile(0.99, sum by (le, job) (rate(http_server_request_duration_seconds_bucket[5m])))",
      ],
    ],
    actions: [
      "Look for the log records `storage.eventloop.blocked` and `storage.operation.slow`: they have the plan of the statement and the line of code.",
      "A plan with `SCAN`: an index is missing. One with `USE TEMP B-TREE`: rows are sorted that an index could return in order.",
      "Move statements that cannot be made faster to a worker thread.",
    ],
    fires: {
      series: one(
        "storage_eventloop_blocked_time_seconds_total",
        { ...DATABASE, db_query_summary: "SELECT words" },
        "0+18x60",
      ),
      at: "30m",
      labels: TARGET,
      summary: "Storage blocks the event loop of api for 30% of the time.",
    },
    silent: {
      series: one(
        "storage_eventloop_blocked_time_seconds_total",
        { ...DATABASE, db_query_summary: "SELECT words" },
        "0+6x60",
      ),
      at: "30m",
    },
  },
  {
    name: "StorageRepeatedOperations",
    severity: "info",
    for: "15m",
    expression:
      "sum by (job, db_namespace, db_query_summary) (rate(storage_operation_repeated_total[15m])) > $threshold",
    threshold: 0.1,
    summary: "{{ $labels.job }} runs {{ $labels.db_query_summary }} repeatedly within one request.",
    meaning:
      "More than six times a minute, one span runs the same statement at least ten times, as a loop over the rows of another query does (N+1).",
    impact: "These requests take longer than necessary.",
    look: [
      [
        "the statements with the most time or runs",
        "topk(10, sum by (job, db_query_summary) (rate(storage_operation_repeated_total[15m])))",
      ],
      [
        "the rate of runs",
        "topk(10, sum by (job, db_query_summary) (rate(db_client_operation_duration_seconds_count[15m])))",
      ],
    ],
    actions: [
      "Look for the log record `storage.operation.repeated`: it has the route and a trace. Read all rows with one statement, with a join or `IN (...)`.",
    ],
    fires: {
      series: one("storage_operation_repeated_total", { ...DATABASE, db_query_summary: "SELECT words" }, "0+12x60"),
      at: "45m",
      labels: { job: "api", db_namespace: "main", db_query_summary: "SELECT words" },
      summary: "api runs SELECT words repeatedly within one request.",
    },
    silent: {
      series: one("storage_operation_repeated_total", { ...DATABASE, db_query_summary: "SELECT words" }, "0+6x60"),
      at: "45m",
    },
  },
];
