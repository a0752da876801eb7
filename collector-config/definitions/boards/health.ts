import type { Board } from "../board.ts";

const LABELS = 'job="api",instance="a",db_system_name="sqlite",db_namespace="main"';

export const health: Board = {
  id: "health",
  title: "Storage: health and active problems",
  description: "Current and upcoming problems.",
  rows: [
    {
      title: "Health",
      panels: [
        {
          title: "Not healthy",
          unit: "short",
          alert: "ServiceNotReady",
          note: "1 while the state applies.",
          queries: [
            [
              'max by (job, instance, health_check_type, health_state) (health_status{health_state!="healthy"})',
              "{{job}} {{instance}} {{health_check_type}}: {{health_state}}",
            ],
          ],
        },
        {
          title: "Checks that are not healthy",
          kind: "table",
          unit: "short",
          alert: "HealthCheckFailing",
          queries: [
            [
              'max by (job, instance, health_check_name, health_state) (health_check_status{health_state!="healthy"}) > 0',
              "{{job}} {{health_check_name}}: {{health_state}}",
            ],
          ],
          example: {
            'health_check_status{job="api",instance="a",health_check_name="storage.disk_space",health_check_type="readiness",health_state="degraded"}':
              "1x60",
          },
        },
        {
          title: "Duration of checks, 99th percentile",
          unit: "s",
          queries: [
            [
              "histogram_quantile(0.99, sum by (le, health_check_name) (rate(health_check_duration_seconds_bucket[$__rate_interval])))",
              "{{health_check_name}}",
            ],
          ],
        },
        {
          title: "Unhandled errors",
          unit: "short",
          queries: [
            [
              "sum by (job, health_error_type) (increase(health_unhandled_errors_total[1h]))",
              "{{job}} {{health_error_type}}",
            ],
          ],
          example: {
            'health_unhandled_errors_total{job="api",instance="a",health_error_type="unhandled_rejection"}': "0+1x60",
          },
        },
      ],
    },
    {
      title: "Long-running",
      panels: [
        {
          title: "Oldest transaction",
          unit: "s",
          alert: "StorageLongTransaction",
          queries: [
            [
              "max by (job, instance, db_namespace) (storage_transaction_oldest_age_seconds)",
              "{{job}} {{db_namespace}}",
            ],
          ],
        },
        {
          title: "Oldest snapshot",
          unit: "s",
          alert: "StorageLongSnapshot",
          queries: [
            ["max by (job, instance, db_namespace) (storage_snapshot_oldest_age_seconds)", "{{job}} {{db_namespace}}"],
          ],
        },
        {
          title: "Not yet checkpointed",
          unit: "bytes",
          alert: "StorageWalPinned",
          queries: [
            ["max by (job, instance, db_namespace) (storage_wal_checkpoint_lag_bytes)", "{{job}} {{db_namespace}}"],
          ],
        },
        {
          title: "Long-running transactions and iterations, by the statement that opened them",
          kind: "table",
          unit: "short",
          queries: [
            [
              "topk(10, sum by (job, db_namespace, db_query_summary) (increase(storage_snapshot_held_total[1h]) > 0))",
              "{{db_query_summary}}",
            ],
          ],
          example: { [`storage_snapshot_held_total{${LABELS},db_query_summary="SELECT words"}`]: "0+1x60" },
        },
        {
          title: "Open now",
          unit: "short",
          width: 12,
          queries: [
            ["sum by (db_namespace) (storage_transaction_active)", "transactions {{db_namespace}}"],
            ["sum by (db_namespace) (storage_snapshot_active)", "views {{db_namespace}}"],
            ["sum by (db_namespace) (storage_iterator_active)", "iterations {{db_namespace}}"],
          ],
        },
      ],
    },
    {
      title: "Waiting and failing",
      panels: [
        {
          title: "Event loop blocked",
          unit: "percentunit",
          alert: "StorageBlocksEventLoop",
          queries: [
            [
              "sum by (job, instance) (rate(storage_eventloop_blocked_time_seconds_total[$__rate_interval]))",
              "{{job}} {{instance}}",
            ],
          ],
        },
        {
          title: "Waiting for the write lock",
          unit: "percentunit",
          alert: "StorageLockWait",
          queries: [
            [
              "sum by (job, instance, db_namespace) (rate(storage_lock_wait_duration_seconds_sum[$__rate_interval]))",
              "{{job}} {{db_namespace}}",
            ],
          ],
        },
        {
          title: "Conflicts",
          unit: "cps",
          queries: [
            [
              "sum by (job, db_namespace, storage_conflict_reason) (rate(storage_transaction_conflicts_total[$__rate_interval]))",
              "{{db_namespace}} {{storage_conflict_reason}}",
            ],
          ],
        },
        {
          title: "Failed operations",
          unit: "cps",
          queries: [
            [
              'sum by (job, db_namespace, error_type) (rate(db_client_operation_duration_seconds_count{error_type!=""}[$__rate_interval]))',
              "{{db_namespace}} {{error_type}}",
            ],
          ],
        },
        {
          title: "Failed checkpoints",
          unit: "cps",
          alert: "StorageCheckpointFailing",
          queries: [
            [
              'sum by (job, db_namespace, error_type) (rate(storage_checkpoints_total{error_type!=""}[$__rate_interval]))',
              "{{db_namespace}} {{error_type}}",
            ],
          ],
          example: { [`storage_checkpoints_total{${LABELS},error_type="SQLITE_BUSY"}`]: "0+1x60" },
        },
        {
          title: "Damage and disk errors",
          unit: "short",
          alert: "StorageDiskErrors",
          note: "Since the start of the process.",
          queries: [
            [
              'sum by (job, db_namespace, error_type) (db_client_operation_duration_seconds_count{error_type=~"(SQLITE_)?(CORRUPT|NOTADB|FULL|IOERR|CANTOPEN|READONLY).*"})',
              "{{db_namespace}} {{error_type}}",
            ],
          ],
          example: { [`db_client_operation_duration_seconds_count{${LABELS},error_type="SQLITE_FULL"}`]: "1x60" },
        },
      ],
    },
    {
      title: "Slow and repeated",
      panels: [
        {
          title: "Slow operations",
          unit: "cps",
          queries: [
            [
              "topk(10, sum by (job, db_query_summary) (rate(storage_operation_slow_total[$__rate_interval])))",
              "{{db_query_summary}}",
            ],
          ],
        },
        {
          title: "Statements that block the event loop",
          unit: "percentunit",
          queries: [
            [
              "topk(10, sum by (job, db_query_summary) (rate(storage_eventloop_blocked_time_seconds_total[$__rate_interval])))",
              "{{db_query_summary}}",
            ],
          ],
        },
        {
          title: "Repeated within a request",
          unit: "cps",
          alert: "StorageRepeatedOperations",
          queries: [
            [
              "topk(10, sum by (job, db_query_summary) (rate(storage_operation_repeated_total[$__rate_interval])))",
              "{{db_query_summary}}",
            ],
          ],
        },
      ],
    },
  ],
};
