import type { Alert } from "../alert.ts";
import { READ_AMPLIFICATION } from "../recordings.ts";
import { BY_DATABASE, failures, one, TARGET } from "./series.ts";

const DATABASE = { ...TARGET, db_system_name: "leveldb", db_namespace: "orders" };

const MEBIBYTE = 1_048_576;
const GIBIBYTE = 1024 * MEBIBYTE;

const PENDING = `sum ${BY_DATABASE} (storage_compaction_pending_bytes)`;
const LAST_SUCCESS = `max ${BY_DATABASE} (storage_compaction_last_success_timestamp_seconds)`;
const HELD_BACK =
  "sum by (instance, db_namespace, storage_stall_reason) (rate(storage_write_stall_duration_seconds_sum[5m]))";
const LEVEL_0 = 'sum by (instance, db_namespace) (storage_level_file_count{storage_level_number="0"})';
const COMPACTION_RATE =
  "sum by (instance, db_namespace, disk_io_direction) (rate(storage_compaction_io_bytes_total[5m]))";
const FAILED_WORK = "sum by (instance, db_namespace, storage_task_name, error_type) (storage_background_errors_total)";

/** Alerts on engines that collect writes in memory and merge files in the background. */
export const lsmAlerts: readonly Alert[] = [
  {
    name: "StorageWritesStalled",
    severity: "warning",
    for: "5m",
    expression: `sum ${BY_DATABASE} (rate(storage_write_stall_duration_seconds_sum[5m])) > $threshold
or max ${BY_DATABASE} (min_over_time(storage_write_stall_active[5m])) > $threshold
or max ${BY_DATABASE} (min_over_time(storage_write_stall_status{storage_stall_state!="normal"}[5m])) > $threshold`,
    threshold: 0.1,
    summary: "Writes to {{ $labels.db_namespace }} are held back {{ $value | humanizePercentage }} of the time.",
    meaning:
      "For five minutes, the engine has stopped or slowed down writes for more than a tenth of the time, or without a break: it does not flush or merge as fast as the application writes.",
    impact: "Writes wait, and with them the requests that make them.",
    look: [
      ["the time for which writes are held back, by reason", HELD_BACK],
      ["files of level 0", LEVEL_0],
      ["bytes that compactions read and write", COMPACTION_RATE],
      [
        "who writes",
        'topk(5, sum by (job, db_query_summary) (rate(storage_operation_records_total{disk_io_direction="write"}[5m])))',
      ],
    ],
    actions: [
      "`memtable_limit`: a flush takes longer than to fill a memtable. Look for a slow disk; enlarge the write buffer, or allow more of them.",
      "`level0_files`, `pending_compaction`: compactions do not keep up. Write less at once (an import, a migration), give compactions more threads, or a faster disk.",
      "`memory_limit`: all memtables together are at their limit; raise it, or open fewer databases.",
      "`disk_full`: free space, and see the page on StorageFillingUp.",
    ],
    fires: {
      series: one(
        "storage_write_stall_duration_seconds_sum",
        { ...DATABASE, storage_stall_reason: "level0_files" },
        "0+12x40",
      ),
      at: "20m",
      labels: DATABASE,
      summary: "Writes to orders are held back 20% of the time.",
    },
    silent: {
      series: {
        ...one(
          "storage_write_stall_duration_seconds_sum",
          { ...DATABASE, storage_stall_reason: "level0_files" },
          "0+5x40",
        ),
        ...one("storage_write_stall_active", DATABASE, "0x10 1x3 0x40"),
      },
      at: "20m",
    },
  },
  {
    name: "StorageCompactionLagging",
    severity: "warning",
    for: "15m",
    expression: `${PENDING} > $threshold
and (sum ${BY_DATABASE} (deriv(storage_compaction_pending_bytes[30m])) > 0 or ${PENDING} > 32 * $threshold)`,
    threshold: GIBIBYTE,
    summary: "{{ $value | humanize1024 }}B of {{ $labels.db_namespace }} wait to be compacted.",
    meaning:
      "More than 1 GiB waits to be compacted and it becomes more, or more than 32 GiB does, for a quarter of an hour.",
    impact:
      "Reads search more files and the files take more space than the data. In the end, the engine holds writes back (StorageWritesStalled).",
    look: [
      ["bytes that wait", "sum by (instance, db_namespace) (storage_compaction_pending_bytes)"],
      ["bytes that compactions read and write", COMPACTION_RATE],
      ["the write amplification", "instance_db:storage_write_amplification:ratio_rate1h"],
      ["compactions in progress", "sum by (instance, db_namespace) (storage_compaction_active)"],
    ],
    actions: [
      "Something writes much at once: let it write more slowly, or at a time of low traffic.",
      "Compactions are limited by their number or by a rate limit: allow more. They are limited by the disk or the processor: give them a faster one.",
      "A high write amplification at a steady load: larger memtables, or another compaction style.",
      "No compaction is in progress: see the pages on StorageCompactionStale and StorageBackgroundErrors.",
    ],
    fires: {
      series: one("storage_compaction_pending_bytes", DATABASE, `0+${64 * MEBIBYTE}x60`),
      at: "48m",
      labels: DATABASE,
      summary: "3GiB of orders wait to be compacted.",
    },
    silent: { series: one("storage_compaction_pending_bytes", DATABASE, `${2 * GIBIBYTE}x60`), at: "48m" },
  },
  {
    name: "StorageCompactionStale",
    severity: "warning",
    for: "30m",
    expression: `${PENDING} > $threshold
unless time() - ${LAST_SUCCESS} < 1800`,
    threshold: 64 * MEBIBYTE,
    summary: "No compaction of {{ $labels.db_namespace }} has succeeded, and {{ $value | humanize1024 }}B wait.",
    meaning:
      "More than 64 MiB have waited to be compacted for half an hour, and in the half hour before that, too, no compaction has succeeded.",
    impact: "Reads become slower and the files larger, until the engine holds writes back.",
    look: [
      [
        "the time of the last success",
        "max by (instance, db_namespace) (storage_compaction_last_success_timestamp_seconds)",
      ],
      [
        "failed compactions",
        'sum by (instance, db_namespace, error_type) (storage_compaction_duration_seconds_count{error_type!=""})',
      ],
      ["errors in the background", FAILED_WORK],
      ["compactions in progress", "sum by (instance, db_namespace) (storage_compaction_active)"],
    ],
    actions: [
      "Failed compactions, or errors in the background: see the page on StorageBackgroundErrors.",
      "One has been in progress all the time: it is large, or the disk is slow. Compare the bytes it writes with what the disk can do.",
      "None is in progress: automatic compactions are disabled in the options of the engine, or paused and not resumed.",
    ],
    fires: {
      series: {
        ...one("storage_compaction_pending_bytes", DATABASE, `${128 * MEBIBYTE}x100`),
        ...one("storage_compaction_last_success_timestamp_seconds", DATABASE, "600x100"),
      },
      at: "75m",
      labels: DATABASE,
      summary: "No compaction of orders has succeeded, and 128MiB wait.",
    },
    silent: {
      series: {
        ...one("storage_compaction_pending_bytes", DATABASE, `${128 * MEBIBYTE}x100`),
        ...one("storage_compaction_last_success_timestamp_seconds", DATABASE, "600x45 2700x55"),
      },
      at: "75m",
    },
  },
  {
    name: "StorageReadAmplification",
    severity: "warning",
    for: "15m",
    expression: `(
${READ_AMPLIFICATION}
) > $threshold`,
    threshold: 14,
    summary: 'A read of {{ $labels.db_namespace }} may have to search {{ $value | printf "%.0f" }} sorted runs.',
    meaning:
      "For a quarter of an hour, a read of one record may have to search more than 14 sorted runs: files of level 0, and other levels.",
    impact: "Reads of keys that do not exist, and of ranges, take as many times as long as with one run.",
    look: [
      ["files of level 0", LEVEL_0],
      [
        "the duration of reads",
        "histogram_quantile(0.99, sum by (le, db_namespace, db_operation_name) (rate(db_client_operation_duration_seconds_bucket[5m])))",
      ],
      ["bytes that compactions read and write", COMPACTION_RATE],
    ],
    actions: [
      "Level 0 has many files: compactions do not keep up with the writes, see the page on StorageCompactionLagging.",
      "Level 0 has few: the engine is made for writes (universal or tiered compaction). Raise the threshold, or change its style.",
      "Filters of keys (bloom filters) make reads of keys that do not exist search fewer files.",
    ],
    fires: {
      series: {
        ...one("storage_level_file_count", { ...DATABASE, storage_level_number: "0" }, "12x40"),
        ...one("storage_level_file_count", { ...DATABASE, storage_level_number: "1" }, "10x40"),
        ...one("storage_level_file_count", { ...DATABASE, storage_level_number: "2" }, "100x40"),
        ...one("storage_level_file_count", { ...DATABASE, storage_level_number: "3" }, "700x40"),
        ...one("storage_level_file_count", { ...DATABASE, storage_level_number: "4" }, "0x40"),
      },
      at: "30m",
      labels: DATABASE,
      summary: "A read of orders may have to search 15 sorted runs.",
    },
    silent: {
      series: {
        ...one("storage_level_file_count", { ...DATABASE, storage_level_number: "0" }, "12x40"),
        ...one("storage_level_file_count", { ...DATABASE, storage_level_number: "1" }, "100x40"),
        ...one("storage_level_file_count", { ...DATABASE, storage_level_number: "2" }, "1000x40"),
      },
      at: "30m",
    },
  },
  {
    name: "StorageBackgroundErrors",
    severity: "critical",
    expression: `${failures("storage_background_errors_total", "30m")} > $threshold`,
    threshold: 0,
    summary: "Background work on {{ $labels.db_namespace }} failed with {{ $labels.error_type }}.",
    meaning: "Within the last half hour, the engine could not flush, compact, or write its log.",
    impact:
      "Many engines refuse all writes from then on, until the database is opened again. What was committed and synced before is safe.",
    look: [
      ["errors by task", FAILED_WORK],
      [
        "writes that are refused",
        'sum by (instance, db_namespace, db_operation_name, error_type) (rate(db_client_operation_duration_seconds_count{error_type!=""}[5m]))',
      ],
      ["the sizes of the files", "sum by (instance, db_namespace, storage_file_type) (storage_space_usage_bytes)"],
    ],
    actions: [
      "An error of a file or of space: free space, check the disk and the permissions of the folder. Then restart the service, so that the database is opened again.",
      "An error of corruption: follow the runbook of StorageCorruption.",
      "The engine's own log, beside its files, has the message.",
    ],
    fires: {
      series: one(
        "storage_background_errors_total",
        { ...DATABASE, storage_task_name: "flush", error_type: "LEVEL_IO_ERROR" },
        "_x20 1x20",
      ),
      at: "25m",
      labels: { ...DATABASE, error_type: "LEVEL_IO_ERROR" },
      summary: "Background work on orders failed with LEVEL_IO_ERROR.",
    },
    silent: {
      series: one(
        "storage_background_errors_total",
        { ...DATABASE, storage_task_name: "flush", error_type: "LEVEL_IO_ERROR" },
        "_x5 1x60",
      ),
      at: "50m",
    },
  },
];
