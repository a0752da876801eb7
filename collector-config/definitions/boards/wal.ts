import type { Board } from "../board.ts";

export const wal: Board = {
  id: "wal",
  title: "Storage: WAL, checkpoints, snapshots",
  description: "Write-ahead log, checkpoints and what blocks them, snapshots and backups.",
  rows: [
    {
      title: "Write-ahead log",
      panels: [
        {
          title: "Not yet checkpointed",
          unit: "bytes",
          alert: "StorageWalPinned",
          queries: [
            ["max by (job, instance, db_namespace) (storage_wal_checkpoint_lag_bytes)", "{{job}} {{db_namespace}}"],
          ],
        },
        {
          title: "Size of the log",
          unit: "bytes",
          queries: [
            [
              'max by (job, instance, db_namespace) (storage_space_usage_bytes{storage_file_type="wal"})',
              "{{job}} {{db_namespace}}",
            ],
          ],
        },
        {
          title: "Pages and resets of the log",
          unit: "short",
          queries: [
            ["max by (db_namespace) (storage_wal_pages)", "pages {{db_namespace}}"],
            [
              "sum by (db_namespace) (rate(storage_wal_resets_total[$__rate_interval]))",
              "resets per second {{db_namespace}}",
            ],
          ],
        },
      ],
    },
    {
      title: "Checkpoints",
      panels: [
        {
          title: "By trigger",
          unit: "cps",
          queries: [
            [
              "sum by (storage_checkpoint_trigger, storage_checkpoint_mode) (rate(storage_checkpoints_total[$__rate_interval]))",
              "{{storage_checkpoint_trigger}} {{storage_checkpoint_mode}}",
            ],
          ],
        },
        {
          title: "Duration",
          unit: "s",
          alert: "StorageCheckpointSlow",
          queries: [
            [
              "histogram_quantile(0.5, sum by (le, db_namespace) (rate(storage_checkpoint_duration_seconds_bucket[$__rate_interval])))",
              "median {{db_namespace}}",
            ],
            [
              "histogram_quantile(0.99, sum by (le, db_namespace) (rate(storage_checkpoint_duration_seconds_bucket[$__rate_interval])))",
              "99 % {{db_namespace}}",
            ],
          ],
        },
        {
          title: "Pages transferred to the database",
          unit: "cps",
          queries: [
            ["sum by (db_namespace) (rate(storage_checkpoint_pages_total[$__rate_interval]))", "{{db_namespace}}"],
          ],
        },
        {
          title: "Time since the last success",
          unit: "s",
          alert: "StorageCheckpointStale",
          queries: [
            [
              "time() - max by (job, db_namespace) (storage_checkpoint_last_success_timestamp_seconds)",
              "{{job}} {{db_namespace}}",
            ],
          ],
        },
        {
          title: "Open snapshots",
          unit: "s",
          alert: "StorageLongSnapshot",
          queries: [["max by (job, db_namespace) (storage_snapshot_oldest_age_seconds)", "{{job}} {{db_namespace}}"]],
        },
        {
          title: "Bytes written to disk per record",
          unit: "bytes",
          queries: [
            [
              `sum by (job) (rate(process_disk_io_bytes_total{disk_io_direction="write"}[$__rate_interval]))
/ sum by (job) (rate(storage_operation_records_total{disk_io_direction="write"}[$__rate_interval]))`,
              "{{job}}",
            ],
          ],
        },
      ],
    },
    {
      title: "Snapshots and backups",
      panels: [
        {
          title: "Time since the last success",
          unit: "s",
          alert: "StorageBackupStale",
          queries: [
            [
              "time() - max by (job, db_namespace, storage_snapshot_type) (last_over_time(storage_snapshot_last_success_timestamp_seconds[3d]))",
              "{{job}} {{db_namespace}} {{storage_snapshot_type}}",
            ],
          ],
        },
        {
          title: "Duration",
          unit: "s",
          note: "Average over a day.",
          queries: [
            [
              `sum by (job, db_namespace, storage_snapshot_type) (last_over_time(storage_snapshot_duration_seconds_sum[1d]))
/ sum by (job, db_namespace, storage_snapshot_type) (last_over_time(storage_snapshot_duration_seconds_count[1d]))`,
              "{{job}} {{db_namespace}} {{storage_snapshot_type}}",
            ],
          ],
        },
        {
          title: "Size",
          unit: "bytes",
          note: "Average over a day.",
          queries: [
            [
              `sum by (job, db_namespace, storage_snapshot_type) (last_over_time(storage_snapshot_size_bytes_sum[1d]))
/ sum by (job, db_namespace, storage_snapshot_type) (last_over_time(storage_snapshot_size_bytes_count[1d]))`,
              "{{job}} {{db_namespace}} {{storage_snapshot_type}}",
            ],
          ],
        },
        {
          title: "Copied and remaining pages",
          unit: "short",
          width: 12,
          queries: [
            [
              "sum by (job, db_namespace) (last_over_time(storage_snapshot_pages_total[1d]))",
              "copied {{job}} {{db_namespace}}",
            ],
            [
              "sum by (job, db_namespace) (last_over_time(storage_snapshot_remaining[1d]))",
              "still to copy {{job}} {{db_namespace}}",
            ],
          ],
        },
        {
          title: "Failed",
          unit: "short",
          width: 12,
          alert: "StorageSnapshotFailed",
          queries: [
            [
              'sum by (job, db_namespace, error_type) (last_over_time(storage_snapshot_duration_seconds_count{error_type!=""}[1d]))',
              "{{job}} {{db_namespace}} {{error_type}}",
            ],
          ],
          example: {
            'storage_snapshot_duration_seconds_count{job="api",instance="a",db_system_name="sqlite",db_namespace="main",error_type="SQLITE_FULL"}':
              "1x60",
          },
        },
      ],
    },
  ],
};
