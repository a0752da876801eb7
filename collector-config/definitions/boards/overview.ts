import type { Board } from "../board.ts";

export const overview: Board = {
  id: "overview",
  title: "Storage: overview",
  description: "The fleet at a glance: its databases and objectives.",
  rows: [
    {
      title: "Now",
      panels: [
        { title: "Targets up", kind: "stat", unit: "short", queries: [["sum(up)", "up"]] },
        { title: "Targets down", kind: "stat", unit: "short", queries: [["count(up == 0) or vector(0)", "down"]] },
        {
          title: "Databases",
          kind: "stat",
          unit: "short",
          queries: [["count(count by (job, db_namespace) (storage_space_usage_bytes))", "databases"]],
        },
        { title: "Space used", kind: "stat", unit: "bytes", queries: [["sum(storage_space_usage_bytes)", "space"]] },
        {
          title: "Oldest transaction",
          kind: "stat",
          unit: "s",
          alert: "StorageLongTransaction",
          queries: [["max(storage_transaction_oldest_age_seconds)", "age"]],
        },
        {
          title: "Not yet checkpointed",
          kind: "stat",
          unit: "bytes",
          alert: "StorageWalPinned",
          queries: [["max(storage_wal_checkpoint_lag_bytes)", "waits"]],
        },
      ],
    },
    {
      title: "By database",
      panels: [
        {
          title: "Operations",
          unit: "cps",
          queries: [["job_db:db_client_operations:rate5m", "{{job}} {{db_namespace}}"]],
        },
        {
          title: "Failure ratio",
          unit: "percentunit",
          queries: [["job_db:db_client_operation_errors:ratio_rate5m", "{{job}} {{db_namespace}}"]],
        },
        {
          title: "Storage work per second",
          unit: "s",
          note: "Seconds per second: at 1, one event loop only waits for storage.",
          queries: [["job_db:db_client_operation_time:rate5m", "{{job}} {{db_namespace}}"]],
        },
        {
          title: "Commits, 99th percentile",
          unit: "s",
          alert: "StorageCommitSlow",
          queries: [["job_db:storage_commit_duration_seconds:p99_5m", "{{job}} {{db_namespace}}"]],
        },
        {
          title: "Space",
          unit: "bytes",
          queries: [["job_db:storage_space_usage_bytes:sum", "{{job}} {{db_namespace}}"]],
        },
        {
          title: "Operations by primitive",
          unit: "cps",
          note: "By the kind of data that operations work with, whatever the engine: `kv`, `sql`, `search`, `vector`.",
          queries: [["job_primitive:db_client_operations:rate5m", "{{job}} {{storage_primitive}}"]],
        },
        {
          title: "Cache hit rate",
          unit: "percentunit",
          alert: "CacheHitRateLow",
          queries: [["job_cache:storage_cache_hits:ratio_rate5m", "{{job}} {{storage_cache_name}}"]],
          example: {
            'job_cache:storage_cache_hits:ratio_rate5m{job="api",db_system_name="lru-cache",storage_cache_name="users"}':
              "0.9x60",
          },
        },
        {
          title: "Requests",
          unit: "cps",
          queries: [["sum by (job) (rate(http_server_request_duration_seconds_count[$__rate_interval]))", "{{job}}"]],
        },
      ],
    },
    {
      title: "Objectives",
      panels: [
        {
          title: "Ratio of failed operations in an hour",
          unit: "percentunit",
          note: "Objective: at most 0.1 % over 30 days.",
          queries: [["slo:StorageOperations:error_ratio_rate1h", "{{job}}"]],
        },
        {
          title: "Ratio of 5xx responses in an hour",
          unit: "percentunit",
          note: "Objective: at most 0.5 % over 30 days.",
          queries: [["slo:HttpRequests:error_ratio_rate1h", "{{job}}"]],
        },
        {
          title: "Ratio of commits over 256 ms in an hour",
          unit: "percentunit",
          note: "Objective: at most 1 % over 30 days.",
          queries: [["slo:CommitTime:error_ratio_rate1h", "{{job}}"]],
        },
      ],
    },
    {
      title: "Alerts",
      panels: [
        {
          title: "Firing and pending",
          kind: "table",
          unit: "short",
          width: 24,
          queries: [["ALERTS", "{{alertname}}"]],
          example: { 'ALERTS{alertname="StorageWalPinned",alertstate="firing",severity="warning",job="api"}': "1x10" },
        },
      ],
    },
  ],
};
