import type { Recording } from "./alert.ts";

const DATABASE = ["job", "db_system_name", "db_namespace"];
const INSTANCE = ["job", "instance", "db_system_name", "db_namespace"];
const BY_INSTANCE = "by (job, instance, db_system_name, db_namespace)";
const CACHE = ["job", "db_system_name", "storage_cache_name"];
const BY_CACHE = "by (job, db_system_name, storage_cache_name)";
const BY_DATABASE = "by (job, db_system_name, db_namespace)";

/** Databases in the examples: of an engine that reports its amplification, and of one that does not. */
const TOLD = 'job="api",instance="a",db_system_name="rocksdb",db_namespace="orders"';
const UNTOLD = 'job="api",instance="a",db_system_name="leveldb",db_namespace="main"';

/** Sorted runs that a read may have to search: the files of level 0 overlap, those of each other level do not. */
export const READ_AMPLIFICATION = `max ${BY_INSTANCE} (storage_amplification_read_ratio)
or sum ${BY_INSTANCE} (storage_level_file_count{storage_level_number="0"})
+ (count ${BY_INSTANCE} (storage_level_file_count{storage_level_number!="0"} > 0) or 0 * sum ${BY_INSTANCE} (storage_level_file_count))`;

/** Recording rules of the queries that are made for a whole fleet, or in several places, so that each is evaluated only once. */
export const recordings: readonly Recording[] = [
  {
    record: "job_db:db_client_operations:rate5m",
    expression: `sum ${BY_DATABASE} (rate(db_client_operation_duration_seconds_count[5m]))`,
    labels: DATABASE,
  },
  {
    record: "job_primitive:db_client_operations:rate5m",
    expression: "sum by (job, storage_primitive) (rate(db_client_operation_duration_seconds_count[5m]))",
    labels: ["job", "storage_primitive"],
    example: {
      series: {
        [`db_client_operation_duration_seconds_count{${TOLD},storage_primitive="kv"}`]: "0+60x10",
        [`db_client_operation_duration_seconds_count{${UNTOLD},storage_primitive="kv"}`]: "0+120x10",
        'db_client_operation_duration_seconds_count{job="api",db_system_name="sqlite",storage_primitive="search"}':
          "0+300x10",
      },
      at: "8m",
      samples: { '{job="api",storage_primitive="kv"}': 3, '{job="api",storage_primitive="search"}': 5 },
    },
  },
  {
    record: "job_db:db_client_operation_errors:ratio_rate5m",
    expression: `(sum ${BY_DATABASE} (rate(db_client_operation_duration_seconds_count{error_type!=""}[5m])) or 0 * sum ${BY_DATABASE} (rate(db_client_operation_duration_seconds_count[5m])))
/ sum ${BY_DATABASE} (rate(db_client_operation_duration_seconds_count[5m]))`,
    labels: DATABASE,
  },
  {
    // Seconds of storage work in each second; 1 is one event loop that does nothing else.
    record: "job_db:db_client_operation_time:rate5m",
    expression: `sum ${BY_DATABASE} (rate(db_client_operation_duration_seconds_sum[5m]))`,
    labels: DATABASE,
  },
  {
    record: "job_db:storage_commit_duration_seconds:p99_5m",
    expression:
      "histogram_quantile(0.99, sum by (le, job, db_system_name, db_namespace) (rate(storage_transaction_commit_duration_seconds_bucket[5m])))",
    labels: DATABASE,
  },
  {
    record: "job_db:storage_space_usage_bytes:sum",
    expression: `sum ${BY_DATABASE} (storage_space_usage_bytes)`,
    labels: DATABASE,
  },
  {
    record: "instance_db:storage_read_amplification:runs",
    expression: READ_AMPLIFICATION,
    example: {
      series: {
        [`storage_amplification_read_ratio{${TOLD}}`]: "7x10",
        [`storage_level_file_count{${TOLD},storage_level_number="0"}`]: "3x10",
        [`storage_level_file_count{${UNTOLD},storage_level_number="0"}`]: "3x10",
        [`storage_level_file_count{${UNTOLD},storage_level_number="1"}`]: "0x10",
        [`storage_level_file_count{${UNTOLD},storage_level_number="2"}`]: "40x10",
      },
      at: "5m",
      samples: { [`{${TOLD}}`]: 7, [`{${UNTOLD}}`]: 4 },
    },
    labels: INSTANCE,
  },
  {
    record: "instance_db:storage_write_amplification:ratio_rate1h",
    expression: `1 + (sum ${BY_INSTANCE} (rate(storage_compaction_io_bytes_total{disk_io_direction="write"}[1h])) or 0 * sum ${BY_INSTANCE} (rate(storage_flush_io_bytes_total[1h])))
/ (sum ${BY_INSTANCE} (rate(storage_flush_io_bytes_total[1h])) > 0)
or max ${BY_INSTANCE} (storage_amplification_write_ratio)`,
    labels: INSTANCE,
    example: {
      series: {
        [`storage_amplification_write_ratio{${TOLD}}`]: "7x70",
        [`storage_flush_io_bytes_total{${UNTOLD}}`]: "0+6000x70",
        [`storage_compaction_io_bytes_total{${UNTOLD},disk_io_direction="read"}`]: "0+9000x70",
        [`storage_compaction_io_bytes_total{${UNTOLD},disk_io_direction="write"}`]: "0+30000x70",
      },
      at: "65m",
      samples: { [`{${TOLD}}`]: 7, [`{${UNTOLD}}`]: 6 },
    },
  },
  {
    record: "instance_db:storage_space_amplification:ratio",
    expression: `sum ${BY_INSTANCE} (storage_space_allocated_bytes)
/ (sum ${BY_INSTANCE} (storage_space_allocated_bytes{storage_space_state="live"}) > 0)`,
    labels: INSTANCE,
    example: {
      series: {
        [`storage_space_allocated_bytes{${TOLD},storage_space_state="live"}`]: "400x10",
        [`storage_space_allocated_bytes{${TOLD},storage_space_state="obsolete"}`]: "100x10",
        [`storage_space_allocated_bytes{${UNTOLD},storage_space_state="free"}`]: "100x10",
      },
      at: "5m",
      samples: { [`{${TOLD}}`]: 1.25 },
    },
  },
  {
    // The hit rate: what was found, or was being loaded for another caller, of all that was looked up.
    record: "job_cache:storage_cache_hits:ratio_rate5m",
    expression: `sum ${BY_CACHE} (rate(storage_cache_requests_total{storage_cache_result!="miss"}[5m]))
/ sum ${BY_CACHE} (rate(storage_cache_requests_total[5m]))`,
    labels: CACHE,
  },
];
