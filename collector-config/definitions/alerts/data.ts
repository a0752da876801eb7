import type { Alert } from "../alert.ts";
import { BY_DATABASE, BY_ERROR, DATABASE, failures, histogram, one } from "./series.ts";

const HOUR = 3_600;
/** Types of errors by which engines say that their data is damaged. */
const DAMAGE = 'error_type=~"(?i)(.*(corrupt|notadb|page_notfound).*|mdb_invalid|mdb_panic)"';

const DISK_ERRORS =
  'db_client_operation_duration_seconds_count{error_type=~"(?i)((sqlite_)?(full|ioerr|cantopen|readonly).*|.*(io_?error|no_?space|map_full).*|enospc|eio|erofs|edquot)"}';

/** Alerts on damage, disk errors, growth, missing backups and slow searches. */
export const dataAlerts: readonly Alert[] = [
  {
    name: "StorageCorruption",
    severity: "critical",
    expression: `sum ${BY_ERROR} (db_client_operation_duration_seconds_count{${DAMAGE}}) > $threshold
or sum ${BY_ERROR} (storage_background_errors_total{${DAMAGE}}) > $threshold
or sum ${BY_DATABASE} (storage_corruptions_total) > $threshold`,
    threshold: 0,
    summary: "{{ $labels.db_namespace }} is damaged{{ with $labels.error_type }}: {{ . }}{{ end }}.",
    meaning: "The engine has read invalid data. The alert stays until the process is restarted.",
    impact: "Reads can fail or return wrong data. Further writes can increase the damage, and new backups contain it.",
    look: [
      [
        "failed operations over time",
        `sum by (instance, db_namespace, db_query_summary, error_type) (db_client_operation_duration_seconds_count{${DAMAGE}})`,
      ],
      [
        "damaged places that the engine skipped",
        "sum by (instance, db_namespace, storage_file_type) (storage_corruptions_total)",
      ],
      ["the time of the last backup", "max by (job, db_namespace) (storage_snapshot_last_success_timestamp_seconds)"],
    ],
    actions: [
      "Stop writing: stop the service.",
      "Copy the database, before a process opens it again: with SQLite its `-wal` and its `-shm` file together, with others the whole folder.",
      "Protect existing backups from rotation. Check the last one with `PRAGMA integrity_check` and restore it to a new path.",
      "Data newer than the backup can often be read from the copy: with the `.recover` command of the sqlite3 shell, `ClassicLevel.repair` of LevelDB, `ldb repair` of RocksDB, `mdb_copy` of LMDB.",
      "Find the cause: a file copied while it was in use, two processes on a network file system, a failing disk.",
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
      "Within the last quarter of an hour, the disk was full or could not be read or written, or the file could not be opened.",
    impact: "Writes fail. Earlier commits are safe.",
    look: [
      [
        "failed operations",
        `sum by (instance, db_namespace, db_query_summary, error_type) (increase(${DISK_ERRORS}[30m]))`,
      ],
      ["the sizes of the files", "sum by (instance, db_namespace, storage_file_type) (storage_space_usage_bytes)"],
    ],
    actions: [
      "`FULL`: free space on the file system. If the log takes it, follow the runbook of StorageWalPinned; if the database does, delete data and vacuum, which temporarily needs as much space again.",
      "`MDB_MAP_FULL`: follow the runbook of StorageLimitNear.",
      "`IOERR`, `IO_ERROR`: check the kernel log and the state of the disk or volume.",
      "`READONLY`, `CANTOPEN`: check the permissions of file and folder; the folder must be writable for the log.",
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
    meaning: "The files of a database of more than 1 GiB grow at a rate that doubles them within a day.",
    impact: "None yet. When the disk is full, writes fail.",
    look: [
      [
        "the sizes of data and log over time",
        "sum by (instance, db_namespace, storage_file_type) (storage_space_usage_bytes)",
      ],
      [
        "records written",
        'topk(5, sum by (job, db_query_summary) (rate(storage_operation_records_total{disk_io_direction="write"}[30m])))',
      ],
    ],
    actions: [
      "The log grows: follow the runbook of StorageWalPinned.",
      "The data grows: find the statement that writes it; delete old data; enlarge the volume in time.",
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
      "More than half of a database of more than 100 MiB is free pages. Later writes reuse them, but they are not returned to the file system.",
    impact: "The file takes more space than necessary, and backups take longer.",
    look: [
      ["live and free bytes", "sum by (instance, db_namespace, storage_space_state) (storage_space_allocated_bytes)"],
    ],
    actions: [
      "If the data will grow again soon, do nothing.",
      "Otherwise run `VACUUM` at a time of low traffic: it needs free disk space of the size of the database, and blocks writers. With `PRAGMA auto_vacuum = INCREMENTAL`, `PRAGMA incremental_vacuum` returns space in steps.",
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
      "No snapshot of the database has succeeded for 26 hours, although one did in the two days before. A database without any recorded snapshot causes no alert.",
    impact: "None, until the data is needed.",
    look: [
      [
        "the time of the last successful snapshot",
        "max by (job, db_namespace, storage_snapshot_type) (last_over_time(storage_snapshot_last_success_timestamp_seconds[7d]))",
      ],
      [
        "failed snapshots",
        'sum by (job, db_namespace, error_type) (increase(storage_snapshot_duration_seconds_count{error_type!=""}[2d]))',
      ],
      ["the remaining pages of a running backup", "max by (job, db_namespace) (storage_snapshot_remaining)"],
    ],
    actions: [
      "Check whether the backup job has run, and read its log.",
      "Make a backup manually now, and find out why the job did not.",
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
    impact: "One backup copy is missing.",
    look: [
      [
        "failed snapshots by type and error",
        'sum by (job, db_namespace, storage_snapshot_type, error_type) (storage_snapshot_duration_seconds_count{error_type!=""})',
      ],
    ],
    actions: ["Check the free space and the permissions of the destination. Then make the snapshot again."],
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
    meaning: "Searches are slow.",
    impact: "Users wait. With a synchronous driver, all other requests of the process wait too.",
    look: [
      [
        "their duration",
        "histogram_quantile(0.99, sum by (le, storage_search_index_name) (rate(storage_search_duration_seconds_bucket[5m])))",
      ],
      [
        "the number of results per search",
        "sum by (storage_search_index_name) (rate(storage_search_results_sum[5m])) / sum by (storage_search_index_name) (rate(storage_search_results_count[5m]))",
      ],
      ["segments of the index", "max by (storage_search_index_name) (storage_search_segments)"],
    ],
    actions: [
      "Many segments: merge them with `INSERT INTO index(index) VALUES ('optimize')` at a time of low traffic.",
      "Many results: add a `LIMIT`, and rank fewer rows.",
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
