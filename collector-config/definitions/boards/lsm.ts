import type { Row } from "../board.ts";
import { amplification } from "./amplification.ts";
import { example, exampleHistogram, quantile } from "./series.ts";

const FLUSHES = exampleHistogram("storage_flush_duration_seconds", 'storage_flush_reason="memtable_full",', "0.08");
const STALLS = exampleHistogram("storage_write_stall_duration_seconds", 'storage_stall_reason="level0_files",', "0.08");

const levels: Row = {
  title: "Levels",
  panels: [
    {
      title: "Files by level",
      unit: "short",
      queries: [
        [
          "sum by (db_namespace, storage_level_number) (storage_level_file_count)",
          "{{db_namespace}} L{{storage_level_number}}",
        ],
      ],
      example: example({ 'storage_level_file_count{storage_level_number="0"}': "3x60" }),
    },
    {
      title: "Bytes by level",
      unit: "bytes",
      queries: [
        [
          "sum by (db_namespace, storage_level_number) (storage_level_size_bytes)",
          "{{db_namespace}} L{{storage_level_number}}",
        ],
      ],
      example: example({ 'storage_level_size_bytes{storage_level_number="0"}': "4194304x60" }),
    },
  ],
};

const flushes: Row = {
  title: "Memtables, flushes and the write-ahead log",
  panels: [
    {
      title: "Flushes by reason",
      unit: "cps",
      queries: [
        [
          "sum by (db_namespace, storage_flush_reason) (rate(storage_flush_duration_seconds_count[$__rate_interval]))",
          "{{db_namespace}} {{storage_flush_reason}}",
        ],
      ],
      example: FLUSHES,
    },
    {
      title: "Duration of flushes",
      unit: "s",
      queries: [
        [quantile(0.5, "db_namespace", "storage_flush_duration_seconds"), "median {{db_namespace}}"],
        [quantile(0.99, "db_namespace", "storage_flush_duration_seconds"), "99 % {{db_namespace}}"],
      ],
      example: FLUSHES,
    },
    {
      title: "Memtables",
      unit: "bytes",
      queries: [
        [
          'sum by (job, db_namespace) (storage_memory_usage_bytes{storage_memory_component="memtable"})',
          "{{job}} {{db_namespace}}",
        ],
      ],
      example: example({ 'storage_memory_usage_bytes{storage_memory_component="memtable"}': "4194304x60" }),
    },
    {
      title: "Write-ahead log",
      unit: "bytes",
      queries: [["sum by (job, db_namespace) (storage_wal_size_bytes)", "{{job}} {{db_namespace}}"]],
      example: example({ storage_wal_size_bytes: "4194304x60" }),
    },
    {
      title: "Syncs of the log",
      unit: "s",
      queries: [
        [quantile(0.5, "db_namespace", "storage_wal_sync_duration_seconds"), "median {{db_namespace}}"],
        [quantile(0.99, "db_namespace", "storage_wal_sync_duration_seconds"), "99 % {{db_namespace}}"],
      ],
      example: exampleHistogram("storage_wal_sync_duration_seconds", "", "0.05"),
    },
    {
      title: "Block cache",
      unit: "bytes",
      note: "What it holds, and its limit. Its lookups are in the dashboard of caches.",
      queries: [
        [
          'sum by (job, db_namespace) (storage_memory_usage_bytes{storage_memory_component="block_cache"})',
          "{{job}} {{db_namespace}}",
        ],
        [
          'sum by (job, storage_cache_name) (storage_cache_limit_bytes{storage_cache_name=~".+ block cache"})',
          "{{job}} limit of {{storage_cache_name}}",
        ],
      ],
      example: example({
        'storage_memory_usage_bytes{storage_memory_component="block_cache"}': "4194304x60",
        'storage_cache_limit_bytes{storage_cache_name="events block cache"}': "8388608x60",
      }),
    },
  ],
};

const merging: Row = {
  title: "Merging",
  panels: [
    {
      title: "Compactions by reason",
      unit: "cps",
      example: exampleHistogram(
        "storage_compaction_duration_seconds",
        'storage_compaction_type="leveled",storage_compaction_reason="level_files",',
        "0.08",
      ),
      queries: [
        [
          "sum by (db_namespace, storage_compaction_type, storage_compaction_reason) (rate(storage_compaction_duration_seconds_count[$__rate_interval]))",
          "{{db_namespace}} {{storage_compaction_type}} {{storage_compaction_reason}}",
        ],
      ],
    },
    {
      title: "Written and read",
      unit: "Bps",
      queries: [
        ["sum by (db_namespace) (rate(storage_flush_io_bytes_total[$__rate_interval]))", "{{db_namespace}} flush"],
        [
          "sum by (db_namespace, disk_io_direction) (rate(storage_compaction_io_bytes_total[$__rate_interval]))",
          "{{db_namespace}} compaction {{disk_io_direction}}",
        ],
      ],
      example: example({
        storage_flush_io_bytes_total: "0+60000x60",
        'storage_compaction_io_bytes_total{disk_io_direction="write"}': "0+600000x60",
      }),
    },
    {
      title: "Files merged and written",
      unit: "cps",
      queries: [
        [
          "sum by (db_namespace, storage_compaction_file_role) (rate(storage_compaction_files_total[$__rate_interval]))",
          "{{db_namespace}} {{storage_compaction_file_role}}",
        ],
      ],
      example: example({ 'storage_compaction_files_total{storage_compaction_file_role="input"}': "0+5x60" }),
    },
    {
      title: "Pending",
      unit: "bytes",
      alert: "StorageCompactionLagging",
      queries: [["sum by (job, db_namespace) (storage_compaction_pending_bytes)", "{{job}} {{db_namespace}}"]],
      example: example({ storage_compaction_pending_bytes: "0+600000x60" }),
    },
    {
      title: "In progress",
      unit: "short",
      queries: [
        ["sum by (job, db_namespace) (storage_compaction_active)", "{{job}} {{db_namespace}} compactions"],
        ["sum by (job, db_namespace) (storage_flush_active)", "{{job}} {{db_namespace}} flushes"],
      ],
      example: example({ storage_compaction_active: "1x60", storage_flush_active: "0x60" }),
    },
    {
      title: "Errors in the background",
      unit: "short",
      alert: "StorageBackgroundErrors",
      queries: [
        [
          "sum by (db_namespace, storage_task_name, error_type) (storage_background_errors_total)",
          "{{db_namespace}} {{storage_task_name}} {{error_type}}",
        ],
      ],
      example: example({ 'storage_background_errors_total{storage_task_name="flush",error_type="IOError"}': "1x60" }),
    },
  ],
};

const stalls: Row = {
  title: "Write stalls",
  panels: [
    {
      title: "Time for which writes are held back",
      unit: "percentunit",
      alert: "StorageWritesStalled",
      queries: [
        [
          "sum by (db_namespace, storage_stall_reason, storage_stall_state) (rate(storage_write_stall_duration_seconds_sum[$__rate_interval]))",
          "{{db_namespace}} {{storage_stall_reason}} {{storage_stall_state}}",
        ],
      ],
      example: STALLS,
    },
    {
      title: "Duration of stalls",
      unit: "s",
      queries: [
        [
          quantile(0.5, "storage_stall_reason", "storage_write_stall_duration_seconds"),
          "median {{storage_stall_reason}}",
        ],
        [
          quantile(0.99, "storage_stall_reason", "storage_write_stall_duration_seconds"),
          "99 % {{storage_stall_reason}}",
        ],
      ],
      example: STALLS,
    },
    {
      title: "Stalls in progress",
      unit: "short",
      queries: [
        ["sum by (job, db_namespace) (storage_write_stall_active)", "{{job}} {{db_namespace}} stalls"],
        [
          'max by (job, db_namespace, storage_stall_state) (storage_write_stall_status{storage_stall_state!="normal"})',
          "{{job}} {{db_namespace}} {{storage_stall_state}}",
        ],
      ],
      example: example({
        storage_write_stall_active: "1x60",
        'storage_write_stall_status{storage_stall_state="stopped"}': "1x60",
      }),
    },
  ],
};

/** What engines do that collect writes in memory and merge files in the background. */
export const lsmRows: readonly Row[] = [levels, flushes, merging, amplification, stalls];
