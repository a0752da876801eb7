import type { Alert } from "../alert.ts";
import { BY_DATABASE, DATABASE, histogram, one } from "./series.ts";

const MEBIBYTE = 1_048_576;

/** The write-ahead log, its checkpoints, and what keeps them from being made. */
export const walAlerts: readonly Alert[] = [
  {
    name: "StorageWalPinned",
    severity: "warning",
    for: "5m",
    expression: `max ${BY_DATABASE} (min_over_time(storage_wal_checkpoint_lag_bytes[5m])) > $threshold`,
    threshold: 64 * MEBIBYTE,
    summary: "{{ $value | humanize1024 }}B of the WAL of {{ $labels.db_namespace }} cannot be checkpointed.",
    meaning:
      "For five minutes and longer there were more than 64 MiB of pages in the write-ahead log that checkpoints could not bring into the database. Almost always a reader holds a view of the data open: an iteration that is consumed slowly, or a transaction that was never ended, in this process or in another one that has the file open.",
    impact:
      "The log grows until the disk is full. Every read has to look through a longer log, and when the reader ends, one commit pays for the whole checkpoint.",
    look: [
      ["how much waits, and since when", "max by (instance, db_namespace) (storage_wal_checkpoint_lag_bytes)"],
      [
        "which process holds a view of the data open, and for how long",
        "max by (job, instance, db_namespace) (storage_snapshot_oldest_age_seconds) > 10",
      ],
      [
        "the statement that opened what was held",
        "topk(5, sum by (job, db_namespace, db_query_summary) (increase(storage_snapshot_held_total[1h])))",
      ],
      [
        "the size of the log's file",
        'max by (instance, db_namespace) (storage_space_usage_bytes{storage_file_type="wal"})',
      ],
    ],
    actions: [
      "Look for the log record `storage.wal.pinned` or `storage.snapshot.held` of the service: it names the statement and the line of code that keeps the view open, and the trace.",
      "If a job or an export does it, end it; the next commit checkpoints by itself.",
      "In the code: read in pages with a key instead of one long iteration, or read all rows before anything is awaited.",
      "When the reader is gone and the file is still large, run `PRAGMA wal_checkpoint(TRUNCATE)` once in a quiet moment.",
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
      "{{ $labels.db_namespace }} has not been checkpointed for {{ $value | humanizeDuration }}, though there is something to checkpoint.",
    meaning:
      "The last checkpoint that succeeded was more than an hour ago, and more than 4 MiB wait in the log. Automatic checkpoints are switched off, or each of them fails.",
    impact: "The log grows, and reads get slower with it.",
    look: [
      [
        "checkpoints by how they ended",
        "sum by (storage_checkpoint_trigger, storage_checkpoint_mode, error_type) (increase(storage_checkpoints_total[3h]))",
      ],
      ["whether the log grows", "deriv(storage_wal_checkpoint_lag_bytes[30m])"],
      ["whether somebody reads all the time", "max by (job, instance, db_namespace) (storage_snapshot_active)"],
    ],
    actions: [
      "If `PRAGMA wal_autocheckpoint` was set to 0, whoever did that has to run `PRAGMA wal_checkpoint` regularly: look whether that job still runs.",
      "If checkpoints fail with `SQLITE_BUSY`, follow the runbook of StorageWalPinned.",
    ],
    fires: {
      series: {
        ...one("storage_checkpoint_last_success_timestamp_seconds", DATABASE, "0x120"),
        ...one("storage_wal_checkpoint_lag_bytes", DATABASE, "8388608x120"),
      },
      at: "90m",
      labels: DATABASE,
      summary: "main has not been checkpointed for 1h 30m 0s, though there is something to checkpoint.",
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
    meaning:
      "Checkpoints fail again and again, and still did within the last ten minutes. One that fails now and then is nothing.",
    impact: "Those who run them wait in vain, and the log is not cut.",
    look: [
      [
        "what they fail with",
        'sum by (instance, db_namespace, storage_checkpoint_mode, error_type) (increase(storage_checkpoints_total{error_type!=""}[1h]))',
      ],
      [
        "who holds a view of the data open",
        "max by (job, instance, db_namespace) (storage_snapshot_oldest_age_seconds)",
      ],
    ],
    actions: [
      "`SQLITE_BUSY`: a reader or a writer was in the way for longer than the busy timeout. Run restart and truncate checkpoints when nobody reads, or use passive ones.",
      "`SQLITE_IOERR` and `SQLITE_FULL`: the disk. Follow the runbook of StorageDiskErrors.",
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
    meaning: "Checkpoints take long. An automatic one is run by a commit, which waits for it.",
    impact:
      "Requests that commit at that moment wait, and with a synchronous driver so does every other request of the process.",
    look: [
      [
        "how long they take",
        "histogram_quantile(0.99, sum by (le, db_namespace) (rate(storage_checkpoint_duration_seconds_bucket[10m])))",
      ],
      [
        "pages each brings into the database",
        "sum by (db_namespace) (rate(storage_checkpoint_pages_total[10m])) / sum by (db_namespace) (rate(storage_checkpoints_total[10m]))",
      ],
      [
        "bytes the process writes",
        'sum by (instance) (rate(process_disk_io_bytes_total{disk_io_direction="write"}[10m]))',
      ],
    ],
    actions: [
      "Many pages each: a reader kept the log from being checkpointed before. Follow the runbook of StorageWalPinned.",
      "Few pages each: the disk is slow or shared. Compare the time commits spend off the processor.",
      "Lower `PRAGMA wal_autocheckpoint`, so that each checkpoint has less to do, or run them in a process of their own.",
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
