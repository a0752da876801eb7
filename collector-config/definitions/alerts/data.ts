import type { Alert } from "../alert.ts";
import { BY_DATABASE, DATABASE, histogram, one } from "./series.ts";

const HOUR = 3_600;
const BY_ERROR = "by (job, instance, db_system_name, db_namespace, error_type)";

/**
 * By how much a counter of failures grew. The series of an error begins with the first one, which `increase` does not
 * see.
 */
function failures(selector: string, within: string): string {
  const count = `sum ${BY_ERROR} (${selector})`;
  return `${count} - (sum ${BY_ERROR} (${selector} offset ${within}) or 0 * ${count})`;
}

const DISK_ERRORS =
  'db_client_operation_duration_seconds_count{error_type=~"(SQLITE_)?(FULL|IOERR|CANTOPEN|READONLY).*"}';

/** What endangers the data itself: damage, the disk, copies that are not made; and what makes it slow to use. */
export const dataAlerts: readonly Alert[] = [
  {
    name: "StorageCorruption",
    severity: "critical",
    expression: `sum ${BY_ERROR} (db_client_operation_duration_seconds_count{error_type=~"(SQLITE_)?(CORRUPT|NOTADB).*"}) > $threshold`,
    threshold: 0,
    summary: "{{ $labels.db_namespace }} is damaged: {{ $labels.error_type }}.",
    meaning: "The engine met data that cannot be right. The alert stays until the process is started anew.",
    impact: "Reads can fail or lie. Every further write can make it worse, and backups made now hold the damage.",
    look: [
      [
        "which operations fail, since when",
        'sum by (instance, db_namespace, db_query_summary, error_type) (db_client_operation_duration_seconds_count{error_type=~"(SQLITE_)?(CORRUPT|NOTADB).*"})',
      ],
      ["when the last backup was made", "max by (job, db_namespace) (storage_snapshot_last_success_timestamp_seconds)"],
    ],
    actions: [
      "Stop writing: stop the service.",
      "Copy the database, its `-wal` and its `-shm` file together, before anything opens them again.",
      "Keep the backups there are from being rotated away. Check the last one with `PRAGMA integrity_check` and restore it to a new path.",
      "What is newer than the backup can often be read from the copy with the `.recover` command of the sqlite3 shell.",
      "Find out why: a file copied while it was in use, two processes on a network file system, a failing disk.",
    ],
    fires: {
      series: one(
        "db_client_operation_duration_seconds_count",
        { ...DATABASE, error_type: "SQLITE_CORRUPT" },
        "_x20 1x20",
      ),
      at: "21m",
      labels: { ...DATABASE, error_type: "SQLITE_CORRUPT" },
      summary: "main is damaged: SQLITE_CORRUPT.",
    },
    silent: {
      series: one(
        "db_client_operation_duration_seconds_count",
        { ...DATABASE, error_type: "SQLITE_CONSTRAINT" },
        "0+9x40",
      ),
      at: "30m",
    },
  },
  {
    name: "StorageDiskErrors",
    severity: "critical",
    expression: `${failures(DISK_ERRORS, "15m")} > $threshold`,
    threshold: 0,
    summary:
      '{{ $value | printf "%.0f" }} operations on {{ $labels.db_namespace }} failed with {{ $labels.error_type }}.',
    meaning:
      "The disk is full, cannot be written to or read from, or the file cannot be opened, and was so within the last quarter of an hour.",
    impact: "Writes fail. What was committed before is safe.",
    look: [
      ["what fails", `sum by (instance, db_namespace, db_query_summary, error_type) (increase(${DISK_ERRORS}[30m]))`],
      ["what the files take", "sum by (instance, db_namespace, storage_file_type) (storage_space_usage_bytes)"],
    ],
    actions: [
      "`FULL`: make room on the file system. If the log takes it, follow the runbook of StorageWalPinned; if it is the database, delete and vacuum, which itself needs as much room again.",
      "`IOERR`: look at the kernel's log and at the state of the disk or volume.",
      "`READONLY`, `CANTOPEN`: the rights of file and folder; the folder has to be writable for the log.",
    ],
    fires: {
      series: one(
        "db_client_operation_duration_seconds_count",
        { ...DATABASE, error_type: "SQLITE_FULL" },
        "_x20 3x30",
      ),
      at: "25m",
      labels: { ...DATABASE, error_type: "SQLITE_FULL" },
      summary: "3 operations on main failed with SQLITE_FULL.",
    },
    silent: {
      series: one(
        "db_client_operation_duration_seconds_count",
        { ...DATABASE, error_type: "SQLITE_FULL" },
        "_x20 3x40",
      ),
      at: "45m",
    },
  },
  {
    name: "StorageFillingUp",
    severity: "warning",
    for: "30m",
    expression: `predict_linear(sum by (job, instance, db_system_name, db_namespace) (storage_space_usage_bytes)[6h:5m], 86400)
/ sum by (job, instance, db_system_name, db_namespace) (storage_space_usage_bytes) > $threshold
and sum by (job, instance, db_system_name, db_namespace) (storage_space_usage_bytes) > 1073741824`,
    threshold: 2,
    summary: '{{ $labels.db_namespace }} will be {{ $value | printf "%.1f" }} times as large in a day.',
    meaning: "The files of a database of more than a GiB grow so fast that they will have doubled within a day.",
    impact: "None yet. When the disk is full, writes fail.",
    look: [
      [
        "what grows, the data or the log",
        "sum by (instance, db_namespace, storage_file_type) (storage_space_usage_bytes)",
      ],
      [
        "records written",
        'topk(5, sum by (job, db_query_summary) (rate(storage_operation_records_total{disk_io_direction="write"}[30m])))',
      ],
    ],
    actions: [
      "The log grows: follow the runbook of StorageWalPinned.",
      "The data grows: find the statement that writes it; delete what is old; make the volume larger in time.",
    ],
    fires: {
      series: one("storage_space_usage_bytes", { ...DATABASE, storage_file_type: "table" }, "2147483648+10485760x480"),
      at: "7h",
      labels: DATABASE,
      summary: "main will be 3.3 times as large in a day.",
    },
    silent: {
      series: one("storage_space_usage_bytes", { ...DATABASE, storage_file_type: "table" }, "2147483648+1048576x480"),
      at: "7h",
    },
  },
  {
    name: "StorageFragmented",
    severity: "info",
    for: "1h",
    expression: `sum ${BY_DATABASE} (storage_space_allocated_bytes{storage_space_state="free"})
/ sum ${BY_DATABASE} (storage_space_allocated_bytes) > $threshold
and sum ${BY_DATABASE} (storage_space_allocated_bytes) > 104857600`,
    threshold: 0.5,
    summary: "{{ $value | humanizePercentage }} of {{ $labels.db_namespace }} is free space inside its file.",
    meaning:
      "More than half of a database of more than 100 MiB holds nothing. It will be used again by what is written next, but is not given back to the file system.",
    impact: "The disk is fuller than it needs to be, and backups take longer.",
    look: [
      [
        "what is live and what is free",
        "sum by (instance, db_namespace, storage_space_state) (storage_space_allocated_bytes)",
      ],
    ],
    actions: [
      "If the data will grow again soon, leave it.",
      "Otherwise `VACUUM` in a quiet moment: it needs as much free disk as the database is large, and keeps writers out. With `PRAGMA auto_vacuum = INCREMENTAL`, `PRAGMA incremental_vacuum` gives back a part at a time.",
    ],
    fires: {
      series: {
        ...one("storage_space_allocated_bytes", { ...DATABASE, storage_space_state: "free" }, "157286400x120"),
        ...one("storage_space_allocated_bytes", { ...DATABASE, storage_space_state: "live" }, "52428800x120"),
      },
      at: "90m",
      labels: DATABASE,
      summary: "75% of main is free space inside its file.",
    },
    silent: {
      series: {
        ...one("storage_space_allocated_bytes", { ...DATABASE, storage_space_state: "free" }, "104857600x120"),
        ...one("storage_space_allocated_bytes", { ...DATABASE, storage_space_state: "live" }, "104857600x120"),
      },
      at: "90m",
    },
  },
  {
    name: "StorageBackupStale",
    severity: "critical",
    for: "15m",
    expression: `time() - max by (job, db_system_name, db_namespace) (last_over_time(storage_snapshot_last_success_timestamp_seconds[3d])) > $threshold`,
    threshold: 26 * HOUR,
    summary: "The last backup of {{ $labels.db_namespace }} is {{ $value | humanizeDuration }} old.",
    meaning:
      "No snapshot of the database has succeeded for 26 hours, while one did in the two days before. A database of which no snapshot was ever seen does not show here.",
    impact: "None, until the data is needed.",
    look: [
      [
        "when the last one succeeded",
        "max by (job, db_namespace, storage_snapshot_type) (last_over_time(storage_snapshot_last_success_timestamp_seconds[7d]))",
      ],
      [
        "whether they fail",
        'sum by (job, db_namespace, error_type) (increase(storage_snapshot_duration_seconds_count{error_type!=""}[2d]))',
      ],
      ["whether one is under way", "max by (job, db_namespace) (storage_snapshot_remaining)"],
    ],
    actions: [
      "Look whether the job that makes them was run, and its log.",
      "Make one by hand, now, and look why the job did not.",
    ],
    fires: {
      series: one(
        "storage_snapshot_last_success_timestamp_seconds",
        { ...DATABASE, storage_snapshot_type: "backup" },
        "0x1700",
      ),
      at: "27h",
      labels: { job: DATABASE.job, db_system_name: DATABASE.db_system_name, db_namespace: DATABASE.db_namespace },
      summary: "The last backup of main is 1d 3h 0m 0s old.",
    },
    silent: {
      series: one(
        "storage_snapshot_last_success_timestamp_seconds",
        { ...DATABASE, storage_snapshot_type: "backup" },
        "0x1700",
      ),
      at: "26h",
    },
  },
  {
    name: "StorageSnapshotFailed",
    severity: "warning",
    expression: `${failures('storage_snapshot_duration_seconds_count{error_type!=""}', "1h")} > $threshold`,
    threshold: 0,
    summary: "A snapshot of {{ $labels.db_namespace }} failed with {{ $labels.error_type }}.",
    meaning: "A backup, a serialization or a `VACUUM INTO` failed within the last hour.",
    impact: "There is one copy less than there should be.",
    look: [
      [
        "what failed, and how",
        'sum by (job, db_namespace, storage_snapshot_type, error_type) (storage_snapshot_duration_seconds_count{error_type!=""})',
      ],
    ],
    actions: ["Look at the destination: its space, its rights. Then make the snapshot again."],
    fires: {
      series: one("storage_snapshot_duration_seconds_count", { ...DATABASE, error_type: "SQLITE_FULL" }, "_x20 1x60"),
      at: "30m",
      labels: { ...DATABASE, error_type: "SQLITE_FULL" },
      summary: "A snapshot of main failed with SQLITE_FULL.",
    },
    silent: {
      series: one("storage_snapshot_duration_seconds_count", { ...DATABASE, error_type: "" }, "0+1x60"),
      at: "30m",
    },
  },
  {
    name: "StorageSearchSlow",
    severity: "warning",
    for: "10m",
    expression: `histogram_quantile(0.99, sum by (le, job, db_system_name, db_namespace, storage_search_index_name) (rate(storage_search_duration_seconds_bucket[5m]))) > $threshold`,
    threshold: 0.5,
    summary:
      "One search in a hundred in {{ $labels.storage_search_index_name }} takes {{ $value | humanizeDuration }}.",
    meaning: "Searches take long.",
    impact: "Users wait, and with a synchronous driver so do all others.",
    look: [
      [
        "how long they take",
        "histogram_quantile(0.99, sum by (le, storage_search_index_name) (rate(storage_search_duration_seconds_bucket[5m])))",
      ],
      [
        "how much they find",
        "sum by (storage_search_index_name) (rate(storage_search_results_sum[5m])) / sum by (storage_search_index_name) (rate(storage_search_results_count[5m]))",
      ],
      ["segments of the index", "max by (storage_search_index_name) (storage_search_segments)"],
    ],
    actions: [
      "Many segments: merge them with `INSERT INTO index(index) VALUES ('optimize')` in a quiet moment.",
      "Many results: add a `LIMIT`, and rank less.",
      "Prefix searches: give the index a `prefix` option.",
    ],
    fires: {
      series: histogram(
        "storage_search_duration_seconds",
        { job: "api", db_system_name: "sqlite", db_namespace: "main", storage_search_index_name: "words_fts" },
        [0.5, 1],
      ),
      at: "60m",
      labels: { job: "api", db_system_name: "sqlite", db_namespace: "main", storage_search_index_name: "words_fts" },
      summary: "One search in a hundred in words_fts takes 995ms.",
    },
    silent: {
      series: histogram(
        "storage_search_duration_seconds",
        { job: "api", db_system_name: "sqlite", db_namespace: "main", storage_search_index_name: "words_fts" },
        [0.1, 0.5],
      ),
      at: "60m",
    },
  },
];
