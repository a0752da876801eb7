import type { Board, Row } from "../board.ts";
import { example } from "./series.ts";

const memory: Row = {
  title: "Memory",
  panels: [
    {
      title: "By purpose",
      unit: "bytes",
      queries: [
        [
          "sum by (job, db_namespace, storage_memory_component) (storage_memory_usage_bytes)",
          "{{job}} {{db_namespace}} {{storage_memory_component}}",
        ],
      ],
      example: example({ 'storage_memory_usage_bytes{storage_memory_component="block_cache"}': "4194304x60" }),
    },
    {
      title: "Total",
      unit: "bytes",
      note: "Of an engine that reports no parts, its one number.",
      queries: [["sum by (job, db_system_name) (storage_memory_usage_bytes)", "{{job}} {{db_system_name}}"]],
      example: example({ 'storage_memory_usage_bytes{storage_memory_component="other"}': "4194304x60" }),
    },
  ],
};

const inputAndOutput: Row = {
  title: "Input and output",
  panels: [
    {
      title: "By content of the files",
      unit: "Bps",
      note: "As the engine counts it.",
      queries: [
        [
          "sum by (db_namespace, storage_file_type, disk_io_direction) (rate(storage_file_io_bytes_total[$__rate_interval]))",
          "{{db_namespace}} {{storage_file_type}} {{disk_io_direction}}",
        ],
      ],
      example: example({
        'storage_file_io_bytes_total{storage_file_type="table",disk_io_direction="write"}': "0+60x60",
      }),
    },
    {
      title: "Time spent with files",
      unit: "s",
      note: "Seconds per second, as the engine counts them.",
      queries: [
        [
          "sum by (db_namespace, storage_file_operation_name) (rate(storage_file_operation_time_seconds_total[$__rate_interval]))",
          "{{db_namespace}} {{storage_file_operation_name}}",
        ],
      ],
      example: example({ 'storage_file_operation_time_seconds_total{storage_file_operation_name="sync"}': "0+1x60" }),
    },
    {
      title: "Read from and written to disks by the process",
      unit: "Bps",
      queries: [
        [
          "sum by (job, disk_io_direction) (rate(process_disk_io_bytes_total[$__rate_interval]))",
          "{{job}} {{disk_io_direction}}",
        ],
      ],
    },
  ],
};

const readers: Row = {
  title: "Readers and records",
  panels: [
    {
      title: "Commits since the oldest snapshot of a reader",
      unit: "short",
      note: "Space that was freed since is not reused.",
      queries: [["max by (job, db_namespace) (storage_reader_lag)", "{{job}} {{db_namespace}}"]],
      example: example({ storage_reader_lag: "12x60" }),
    },
    {
      title: "Table of readers",
      unit: "short",
      queries: [
        [
          "max by (db_namespace, storage_reader_state) (storage_reader_count)",
          "{{db_namespace}} {{storage_reader_state}}",
        ],
        ["max by (db_namespace) (storage_reader_limit)", "{{db_namespace}} limit"],
      ],
      example: example({
        'storage_reader_count{storage_reader_state="active"}': "2x60",
        storage_reader_limit: "126x60",
      }),
    },
    {
      title: "Age of the oldest snapshot",
      unit: "s",
      alert: "StorageLongSnapshot",
      queries: [["max by (job, db_namespace) (storage_snapshot_oldest_age_seconds)", "{{job}} {{db_namespace}}"]],
    },
    {
      title: "Records",
      unit: "short",
      width: 12,
      queries: [
        ["max by (db_namespace, db_collection_name) (storage_record_count)", "{{db_namespace}} {{db_collection_name}}"],
      ],
      example: example({ storage_record_count: "1000x60" }),
    },
  ],
};

export const space: Board = {
  id: "space",
  title: "Storage: space and memory",
  description:
    "Size of the files, live data in them, growth and limits; memory by purpose; readers that keep space in use.",
  rows: [
    {
      title: "Space",
      panels: [
        {
          title: "Files",
          unit: "bytes",
          queries: [
            [
              "max by (db_namespace, storage_file_type) (storage_space_usage_bytes)",
              "{{db_namespace}} {{storage_file_type}}",
            ],
          ],
        },
        {
          title: "Live and free space",
          unit: "bytes",
          queries: [
            [
              "max by (db_namespace, storage_space_state) (storage_space_allocated_bytes)",
              "{{db_namespace}} {{storage_space_state}}",
            ],
          ],
        },
        {
          title: "Free ratio",
          unit: "percentunit",
          alert: "StorageFragmented",
          queries: [
            [
              `max by (db_namespace) (storage_space_allocated_bytes{storage_space_state="free"})
/ sum by (db_namespace) (max by (db_namespace, storage_space_state) (storage_space_allocated_bytes))`,
              "{{db_namespace}}",
            ],
          ],
        },
        {
          title: "Growth in a day, at the rate of the last hour",
          unit: "bytes",
          queries: [["86400 * deriv(max by (db_namespace) (storage_space_usage_bytes)[1h:15s])", "{{db_namespace}}"]],
        },
        {
          title: "Share of the limit",
          unit: "percentunit",
          note: "Such as the map of LMDB: what holds data in it, and the file.",
          alert: "StorageLimitNear",
          queries: [
            [
              'max by (job, db_namespace) (storage_space_allocated_bytes{storage_space_state="live"}) / max by (job, db_namespace) (storage_space_limit_bytes)',
              "{{job}} {{db_namespace}} data",
            ],
            [
              'max by (job, db_namespace) (storage_space_usage_bytes{storage_file_type="table"}) / max by (job, db_namespace) (storage_space_limit_bytes)',
              "{{job}} {{db_namespace}} file",
            ],
          ],
          example: example({
            'storage_space_allocated_bytes{storage_space_state="live"}': "4194304x60",
            'storage_space_usage_bytes{storage_file_type="table"}': "6291456x60",
            storage_space_limit_bytes: "8388608x60",
          }),
        },
        {
          title: "Total",
          unit: "bytes",
          queries: [["job_db:storage_space_usage_bytes:sum", "{{job}} {{db_namespace}}"]],
        },
      ],
    },
    memory,
    inputAndOutput,
    readers,
  ],
};
