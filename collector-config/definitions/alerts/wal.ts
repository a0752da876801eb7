import type { Alert } from "../alert.ts";
import { BY_DATABASE, DATABASE, histogram, one } from "./series.ts";

const MEBIBYTE = 1_048_576;

/** Alerts on the write-ahead log, its checkpoints, and what blocks them. */
export const walAlerts: readonly Alert[] = [
  {
    name: "StorageWalPinned",
    severity: "warning",
    for: "5m",
    expression: `max ${BY_DATABASE} (min_over_time(storage_wal_checkpoint_lag_bytes[5m])) > $threshold`,
    threshold: 64 * MEBIBYTE,
    summary: "{{ $value | humanize1024 }}B of the WAL of {{ $labels.db_namespace }} cannot be checkpointed.",
    meaning:
      "For at least five minutes, checkpoints could not transfer more than 64 MiB of the write-ahead log to the database. The usual cause is a stale reader: an iteration that is consumed slowly, or a transaction that was never ended, in this process or in another one that has the file open.",
    impact:
      "The log grows until the disk is full. Reads get slower with the length of the log. When the reader ends, one commit runs the whole checkpoint.",
    look: [
      [
        "the bytes that wait for a checkpoint, over time",
        "max by (instance, db_namespace) (storage_wal_checkpoint_lag_bytes)",
      ],
      [
        "the process that holds a snapshot open, and its age",
        "max by (job, instance, db_namespace) (storage_snapshot_oldest_age_seconds) > 10",
      ],
      [
        "the statement that opened a long-running transaction or iteration",
        "topk(5, sum by (job, db_namespace, db_query_summary) (increase(storage_snapshot_held_total[1h])))",
      ],
      [
        "the size of the log's file",
        'max by (instance, db_namespace) (storage_space_usage_bytes{storage_file_type="wal"})',
      ],
    ],
    actions: [
      "Look for the log record `storage.wal.pinned` or `storage.snapshot.held` of the service: it has the statement, the line of code that keeps the snapshot open, and the trace.",
      "If it is a job or an export, end it; the next commit then runs a checkpoint.",
      "In the code: read in pages with a key instead of one long iteration, or read all rows before the next `await`.",
      "When the reader is gone and the file is still large, run `PRAGMA wal_checkpoint(TRUNCATE)` once at a time of low traffic.",
    ],
    fires: {
      series: one("storage_wal_checkpoint_lag_bytes", DATABASE, "0+10485760x60"),
      at: "30m",
      labels: DATABASE,
      summary: "250MiB of the WAL of main cannot be checkpointed.",
    },
    silent: { series: one("storage_wal_checkpoint_lag_bytes", DATABASE, "67108864x60"), at: "60m" },
  },
  {
    name: "StorageCheckpointStale",
    severity: "warning",
    for: "15m",
    expression: `time() - max ${BY_DATABASE} (storage_checkpoint_last_success_timestamp_seconds) > $threshold
and max ${BY_DATABASE} (storage_wal_checkpoint_lag_bytes) > 4194304`,
    threshold: 3600,
    summary:
      "{{ $labels.db_namespace }} has not been checkpointed for {{ $value | humanizeDuration }}, although its WAL has pages to transfer.",
    meaning:
      "The last successful checkpoint was more than an hour ago, and more than 4 MiB wait in the log. Automatic checkpoints are disabled, or each of them fails.",
    impact: "The log grows, and reads get slower.",
    look: [
      [
        "checkpoints by trigger, mode and error",
        "sum by (storage_checkpoint_trigger, storage_checkpoint_mode, error_type) (increase(storage_checkpoints_total[3h]))",
      ],
      ["the growth of the log", "deriv(storage_wal_checkpoint_lag_bytes[30m])"],
      [
        "the number of open snapshots; never 0 if the database is read continuously",
        "max by (job, instance, db_namespace) (storage_snapshot_active)",
      ],
    ],
    actions: [
      "If the application has set `PRAGMA wal_autocheckpoint` to 0, it must run `PRAGMA wal_checkpoint` regularly: check that this job still runs.",
      "If checkpoints fail with `SQLITE_BUSY`, follow the runbook of StorageWalPinned.",
    ],
    fires: {
      series: {
        ...one("storage_checkpoint_last_success_timestamp_seconds", DATABASE, "0x120"),
        ...one("storage_wal_checkpoint_lag_bytes", DATABASE, "8388608x120"),
      },
      at: "90m",
      labels: DATABASE,
      summary: "main has not been checkpointed for 1h 30m 0s, although its WAL has pages to transfer.",
    },
    silent: {
      series: {
        ...one("storage_checkpoint_last_success_timestamp_seconds", DATABASE, "0x120"),
        ...one("storage_wal_checkpoint_lag_bytes", DATABASE, "4194304x120"),
      },
      at: "90m",
    },
  },
  {
    name: "StorageCheckpointFailing",
    severity: "warning",
    for: "10m",
    expression: `sum ${BY_DATABASE} (increase(storage_checkpoints_total{error_type!=""}[30m])) >= $threshold
and sum ${BY_DATABASE} (increase(storage_checkpoints_total{error_type!=""}[10m])) > 0`,
    threshold: 3,
    summary: '{{ $value | printf "%.0f" }} checkpoints of {{ $labels.db_namespace }} failed within half an hour.',
    meaning: "Checkpoints fail repeatedly, and failed within the last ten minutes. A single failure is harmless.",
    impact: "The callers of the checkpoints wait without a result, and the log is not truncated.",
    look: [
      [
        "failed checkpoints by error",
        'sum by (instance, db_namespace, storage_checkpoint_mode, error_type) (increase(storage_checkpoints_total{error_type!=""}[1h]))',
      ],
      [
        "the age of the oldest open snapshot",
        "max by (job, instance, db_namespace) (storage_snapshot_oldest_age_seconds)",
      ],
    ],
    actions: [
      "`SQLITE_BUSY`: a reader or a writer blocked the checkpoint for longer than the busy timeout. Run restart and truncate checkpoints while there are no readers, or use passive ones.",
      "`SQLITE_IOERR` and `SQLITE_FULL`: the disk failed or is full. Follow the runbook of StorageDiskErrors.",
    ],
    fires: {
      series: one("storage_checkpoints_total", { ...DATABASE, error_type: "SQLITE_BUSY" }, "0+1x60"),
      at: "45m",
      labels: DATABASE,
      summary: "30 checkpoints of main failed within half an hour.",
    },
    silent: {
      series: one("storage_checkpoints_total", { ...DATABASE, error_type: "SQLITE_BUSY" }, "0x10 2x50"),
      at: "25m",
    },
  },
  {
    name: "StorageCheckpointSlow",
    severity: "warning",
    for: "10m",
    expression: `histogram_quantile(0.99, sum by (le, job, instance, db_system_name, db_namespace) (rate(storage_checkpoint_duration_seconds_bucket[10m]))) > $threshold`,
    threshold: 0.256,
    summary: "One checkpoint of {{ $labels.db_namespace }} in a hundred takes {{ $value | humanizeDuration }}.",
    meaning: "Checkpoints are slow. A commit runs an automatic checkpoint, and waits for it.",
    impact:
      "Requests that commit during a checkpoint wait. With a synchronous driver, all other requests of the process wait too.",
    look: [
      [
        "their duration",
        "histogram_quantile(0.99, sum by (le, db_namespace) (rate(storage_checkpoint_duration_seconds_bucket[10m])))",
      ],
      [
        "pages transferred per checkpoint",
        "sum by (db_namespace) (rate(storage_checkpoint_pages_total[10m])) / sum by (db_namespace) (rate(storage_checkpoints_total[10m]))",
      ],
      [
        "bytes that the process writes",
        'sum by (instance) (rate(process_disk_io_bytes_total{disk_io_direction="write"}[10m]))',
      ],
    ],
    actions: [
      "Many pages per checkpoint: a reader blocked earlier checkpoints. Follow the runbook of StorageWalPinned.",
      "Few pages per checkpoint: the disk is slow or shared. Compare the off-CPU time of commits.",
      "Lower `PRAGMA wal_autocheckpoint`, so that each checkpoint transfers fewer pages, or run checkpoints in a separate process.",
    ],
    fires: {
      series: histogram("storage_checkpoint_duration_seconds", DATABASE, [0.256, 0.512]),
      at: "60m",
      labels: DATABASE,
      summary: "One checkpoint of main in a hundred takes 509.4ms.",
    },
    silent: { series: histogram("storage_checkpoint_duration_seconds", DATABASE, [0.128, 0.256]), at: "60m" },
  },
];
