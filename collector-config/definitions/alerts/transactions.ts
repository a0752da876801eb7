import type { Alert } from "../alert.ts";
import { BY_DATABASE, DATABASE, TARGET, histogram, one } from "./series.ts";

/** Transactions, and what operations wait for. */
export const transactionAlerts: readonly Alert[] = [
  {
    name: "StorageCommitSlow",
    severity: "warning",
    for: "10m",
    expression: `histogram_quantile(0.99, sum by (le, job, instance, db_system_name, db_namespace) (rate(storage_transaction_commit_duration_seconds_bucket[5m]))) > $threshold`,
    threshold: 0.256,
    summary: "One commit to {{ $labels.db_namespace }} in a hundred takes {{ $value | humanizeDuration }}.",
    meaning: "Commits take long: they wait for the disk, for a checkpoint they have to run, or for a lock.",
    impact:
      "Requests that write are slow, and with a synchronous driver so is every other request of the process meanwhile.",
    look: [
      [
        "how long commits take",
        "histogram_quantile(0.99, sum by (le, db_namespace) (rate(storage_transaction_commit_duration_seconds_bucket[5m])))",
      ],
      [
        "how much of that they wait for a disk or a lock",
        "sum by (db_namespace) (rate(storage_transaction_commit_off_cpu_duration_seconds_sum[15m])) / sum by (db_namespace) (rate(storage_transaction_commit_off_cpu_duration_seconds_count[15m]))",
      ],
      [
        "how long the checkpoints take that commits run",
        'histogram_quantile(0.99, sum by (le, db_namespace) (rate(storage_checkpoint_duration_seconds_bucket{storage_checkpoint_trigger="auto"}[5m])))',
      ],
    ],
    actions: [
      "If checkpoints take the time, follow the runbook of StorageCheckpointSlow.",
      "If they wait off the processor, look at the disk: its latency, its other users, the file system's free space.",
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
      "A transaction was begun and not ended. If it has written, nobody else can; if it has read, the log cannot be checkpointed past its view.",
    impact: "Other writers fail with `SQLITE_BUSY`, or the log grows.",
    look: [
      ["how old the oldest is", "max by (job, instance, db_namespace) (storage_transaction_oldest_age_seconds)"],
      [
        "whether others fail because of it",
        "sum by (job, db_namespace, storage_conflict_reason) (rate(storage_transaction_conflicts_total[5m]))",
      ],
    ],
    actions: [
      "Look for the log record `storage.snapshot.held`: it names the statement that began it and the line of code that used it last.",
      "In the code: await nothing between `BEGIN` and `COMMIT`, and end the transaction in a `finally`.",
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
    summary: "A view of {{ $labels.db_namespace }} has been held open for {{ $value | humanizeDuration }}.",
    meaning:
      "A reading transaction or an iteration over a result has been open for more than five minutes, for another five.",
    impact: "All that was written since stays in the write-ahead log.",
    look: [
      ["how old the oldest is", "max by (job, instance, db_namespace) (storage_snapshot_oldest_age_seconds)"],
      ["how many iterations are open", "max by (job, instance, db_namespace) (storage_iterator_active)"],
      ["what that keeps in the log", "max by (db_namespace) (storage_wal_checkpoint_lag_bytes)"],
    ],
    actions: [
      "Look for the log record `storage.snapshot.held`: it names the statement and the line of code.",
      "An iteration that is left without being ended, by an exception say, stays open: use `for...of`, which ends it, or call `return()`.",
    ],
    fires: {
      series: one("storage_snapshot_oldest_age_seconds", DATABASE, "0+60x30"),
      at: "15m",
      labels: DATABASE,
      summary: "A view of main has been held open for 15m 0s.",
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
      "Transactions end because they lose a lock to another one, or because a statement of them fails. Those the application rolls back by itself do not count.",
    impact: "Users get errors, or wait for tries to be repeated.",
    look: [
      [
        "how they end",
        "sum by (db_namespace, storage_transaction_mode, storage_transaction_outcome, error_type) (rate(storage_transaction_duration_seconds_count[5m]))",
      ],
      [
        "what conflicts are about",
        "sum by (db_namespace, storage_conflict_reason) (rate(storage_transaction_conflicts_total[5m]))",
      ],
    ],
    actions: [
      "`busy`: somebody writes for longer than the busy timeout. Look for long transactions in every process that has the file open.",
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
    summary: "{{ $value | humanizePercentage }} of the time something waits for a lock on {{ $labels.db_namespace }}.",
    meaning:
      "Transactions wait for the write lock more than six seconds of every minute. With a synchronous driver the process does nothing else meanwhile.",
    impact: "Requests are slow, those included that do not write.",
    look: [
      [
        "time waited per second",
        "sum by (job, instance, db_namespace) (rate(storage_lock_wait_duration_seconds_sum[5m]))",
      ],
      [
        "waits that were in vain",
        'sum by (job, db_namespace, error_type) (rate(storage_lock_wait_duration_seconds_count{error_type!=""}[5m]))',
      ],
      [
        "transactions that take long",
        "histogram_quantile(0.99, sum by (le, job, db_namespace, storage_transaction_mode) (rate(storage_transaction_duration_seconds_bucket[5m])))",
      ],
    ],
    actions: [
      "Find the long writer: the process whose transactions take long. Have it write in smaller parts.",
      "Let one process or one worker do the writing.",
    ],
    fires: {
      series: one("storage_lock_wait_duration_seconds_sum", { ...DATABASE, storage_lock_type: "write" }, "0+12x60"),
      at: "30m",
      labels: DATABASE,
      summary: "20% of the time something waits for a lock on main.",
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
    summary:
      "Storage keeps the event loop of {{ $labels.job }} still for {{ $value | humanizePercentage }} of the time.",
    meaning:
      "Calls of 50 ms and longer into a synchronous engine take up more than a tenth of the time. No request is answered meanwhile.",
    impact: "Every request of the process waits, health checks included.",
    look: [
      [
        "which statements",
        "topk(5, sum by (job, db_query_summary) (rate(storage_eventloop_blocked_time_seconds_total[5m])))",
      ],
      [
        "how requests are doing",
        "histogram_quantile(0.99, sum by (le, job) (rate(http_server_request_duration_seconds_bucket[5m])))",
      ],
    ],
    actions: [
      "Look for the log records `storage.eventloop.blocked` and `storage.operation.slow`: they have the plan of the statement and the line of code.",
      "A plan with `SCAN`: an index is missing. One with `USE TEMP B-TREE`: it sorts what it could read in order.",
      "What cannot be made faster belongs into a worker.",
    ],
    fires: {
      series: one(
        "storage_eventloop_blocked_time_seconds_total",
        { ...DATABASE, db_query_summary: "SELECT words" },
        "0+18x60",
      ),
      at: "30m",
      labels: TARGET,
      summary: "Storage keeps the event loop of api still for 30% of the time.",
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
    summary: "{{ $labels.job }} runs {{ $labels.db_query_summary }} again and again within one request.",
    meaning:
      "The same statement is run ten times and more inside one span, as a loop over the rows of another query does (N+1), more than six times a minute.",
    impact: "These requests take longer than they need to.",
    look: [
      ["which statements", "topk(10, sum by (job, db_query_summary) (rate(storage_operation_repeated_total[15m])))"],
      [
        "how often they run",
        "topk(10, sum by (job, db_query_summary) (rate(db_client_operation_duration_seconds_count[15m])))",
      ],
    ],
    actions: [
      "Look for the log record `storage.operation.repeated`: it has the route and a trace. Ask for all rows with one statement, by a join or `IN (...)`.",
    ],
    fires: {
      series: one("storage_operation_repeated_total", { ...DATABASE, db_query_summary: "SELECT words" }, "0+12x60"),
      at: "45m",
      labels: { job: "api", db_namespace: "main", db_query_summary: "SELECT words" },
      summary: "api runs SELECT words again and again within one request.",
    },
    silent: {
      series: one("storage_operation_repeated_total", { ...DATABASE, db_query_summary: "SELECT words" }, "0+6x60"),
      at: "45m",
    },
  },
];
