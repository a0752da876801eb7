import type { Recording } from "./alert.ts";

const DATABASE = ["job", "db_system_name", "db_namespace"];
const CACHE = ["job", "db_system_name", "storage_cache_name"];
const BY_CACHE = "by (job, db_system_name, storage_cache_name)";
const BY_DATABASE = "by (job, db_system_name, db_namespace)";

/** Recording rules of the queries that the overview makes for a whole fleet, so that each is evaluated only once. */
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
    // The hit rate: what was found, or was being loaded for another caller, of all that was looked up.
    record: "job_cache:storage_cache_hits:ratio_rate5m",
    expression: `sum ${BY_CACHE} (rate(storage_cache_requests_total{storage_cache_result!="miss"}[5m]))
/ sum ${BY_CACHE} (rate(storage_cache_requests_total[5m]))`,
    labels: CACHE,
  },
];
