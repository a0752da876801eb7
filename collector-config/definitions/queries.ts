/** Question, and the query that answers it. */
export type Recipe = readonly [question: string, query: string];

const OPERATIONS = "db_client_operation_duration_seconds";
const CACHE = "storage_cache_requests_total";
const BY_CACHE = "by (job, storage_cache_name)";
const MEMORY = "sum by (job, db_namespace) (storage_memory_usage_bytes";
const SPACE = "sum by (job, db_namespace) (storage_space_usage_bytes";
const CPU = "sum by (job, db_namespace) (rate(storage_cpu_time_seconds_total";

/** Returns the questions about one operation of a store of keys and values. */
const operation = (what: string, names: string): readonly Recipe[] => [
  [`${what} in a second`, `sum by (job, db_namespace) (rate(${OPERATIONS}_count{db_operation_name=~"${names}"}[5m]))`],
  [
    `${what}: duration of 50 %, 95 %, 99 % (0.5, 0.95, 0.99)`,
    `histogram_quantile(0.99, sum by (le, job, db_namespace) (rate(${OPERATIONS}_bucket{db_operation_name=~"${names}"}[5m])))`,
  ],
  [
    `${what} that failed, by error`,
    `sum by (job, db_namespace, error_type) (rate(${OPERATIONS}_count{db_operation_name=~"${names}",error_type!=""}[5m]))`,
  ],
];

/** Questions that are asked most often, by subject. */
export const recipes: Readonly<Record<string, readonly Recipe[]>> = {
  Operations: [
    [
      "Operations in a second, by primitive (`kv`, `sql`, `search`, `vector`)",
      `sum by (storage_primitive) (rate(${OPERATIONS}_count[5m]))`,
    ],
    ...operation("Gets", "get.*"),
    ...operation("Sets", "put|putSync|set"),
    ...operation("Deletes", "del|delete|remove|removeSync"),
    ...operation("Batches", "batch|write"),
    [
      "Records per batch",
      `sum by (job, db_namespace) (rate(storage_operation_records_total{db_operation_name=~"batch|write"}[5m])) / sum by (job, db_namespace) (rate(${OPERATIONS}_count{db_operation_name=~"batch|write"}[5m]))`,
    ],
    ["Throughput", `sum by (job, db_namespace) (rate(${OPERATIONS}_count[5m]))`],
    ["Error rate", "job_db:db_client_operation_errors:ratio_rate5m"],
    [
      "Depth of the queue: what has begun and not ended, of asynchronous engines",
      "sum by (job, db_namespace) (storage_operation_active)",
    ],
  ],
  Memory: [
    ["Memtables", `${MEMORY}{storage_memory_component="memtable"})`],
    ["Caches of blocks and pages", `${MEMORY}{storage_memory_component=~"block_cache|page_cache"})`],
    ["Buffers", `${MEMORY}{storage_memory_component="buffer"})`],
    ["All of it; LevelDB reports this number only", `${MEMORY})`],
  ],
  Space: [
    ["Tables", `${SPACE}{storage_file_type="table"})`],
    ["Value logs", `${SPACE}{storage_file_type="value_log"})`],
    ["Write-ahead logs", `${SPACE}{storage_file_type="wal"})`],
    ["All files", `${SPACE})`],
    ["Data and free space in them", "sum by (job, db_namespace, storage_space_state) (storage_space_allocated_bytes)"],
    [
      "Share of the limit, such as the map of LMDB",
      "sum by (job, db_namespace) (storage_space_usage_bytes) / sum by (job, db_namespace) (storage_space_limit_bytes)",
    ],
    ["Commits for which readers keep freed space from being reused", "max by (job, db_namespace) (storage_reader_lag)"],
  ],
  "Processor time": [
    ["Compactions, of RocksDB", `${CPU}{storage_cpu_activity="compaction"}[5m]))`],
    ["Input and output, if the engine reports it", `${CPU}{storage_cpu_activity="io"}[5m]))`],
    ["Queries, if the engine reports them", `${CPU}{storage_cpu_activity="query"}[5m]))`],
    [
      "Calls that keep the event loop busy: of a synchronous engine, the time of its operations",
      `sum by (job, db_namespace) (rate(${OPERATIONS}_sum[5m]))`,
    ],
    ["Other work in the background", `${CPU}{storage_cpu_activity="background"}[5m]))`],
  ],
  "LSM trees": [
    ["Files by level", "sum by (job, db_namespace, storage_level_number) (storage_level_file_count)"],
    ["Bytes by level", "sum by (job, db_namespace, storage_level_number) (storage_level_size_bytes)"],
    ["Compactions in an hour", "sum by (job, db_namespace) (increase(storage_compaction_duration_seconds_count[1h]))"],
    [
      "Their duration",
      "histogram_quantile(0.99, sum by (le, job, db_namespace) (rate(storage_compaction_duration_seconds_bucket[1h])))",
    ],
    [
      "Files that they merge and write",
      "sum by (job, db_namespace, storage_compaction_file_role) (rate(storage_compaction_files_total[5m]))",
    ],
    [
      "Bytes that they read and write",
      "sum by (job, db_namespace, disk_io_direction) (rate(storage_compaction_io_bytes_total[5m]))",
    ],
    ["Bytes that wait for them", "sum by (job, db_namespace) (storage_compaction_pending_bytes)"],
    ["Write amplification in the last hour", "instance_db:storage_write_amplification:ratio_rate1h"],
    [
      "Write amplification of single compactions",
      "histogram_quantile(0.5, sum by (le, job, db_namespace) (rate(storage_compaction_write_amplification_bucket[1h])))",
    ],
    ["Read amplification", "instance_db:storage_read_amplification:runs"],
    ["Space amplification", "instance_db:storage_space_amplification:ratio"],
    [
      "Time for which writes are held back, by reason",
      "sum by (job, db_namespace, storage_stall_reason) (rate(storage_write_stall_duration_seconds_sum[5m]))",
    ],
    ["Space that was released", "sum by (job, db_namespace) (increase(storage_reclaim_size_bytes_total[1d]))"],
    [
      "Runs that release space, and nothing else",
      'sum by (job, db_namespace) (increase(storage_compaction_duration_seconds_count{storage_compaction_type=~"vacuum|incremental_vacuum"}[1d]))',
    ],
    ["Errors in the background", "sum by (job, db_namespace, error_type) (storage_background_errors_total)"],
  ],
  Caches: [
    ["Hit rate", "job_cache:storage_cache_hits:ratio_rate5m"],
    ["Lookups in a second, by result", `sum by (job, storage_cache_name, storage_cache_result) (rate(${CACHE}[5m]))`],
    ["Operations in an hour", `sum ${BY_CACHE} (increase(${CACHE}[1h]))`],
    ["Size", `sum ${BY_CACHE} (storage_cache_usage_bytes)`],
    [
      "Utilization",
      `sum ${BY_CACHE} (storage_cache_usage_bytes) / sum ${BY_CACHE} (storage_cache_limit_bytes) or sum ${BY_CACHE} (storage_cache_entry_count) / sum ${BY_CACHE} (storage_cache_entry_limit)`,
    ],
    [
      "Loads that were saved in an hour; times their price, what was saved",
      `sum ${BY_CACHE} (increase(${CACHE}{storage_cache_result!="miss"}[1h]))`,
    ],
  ],
};
