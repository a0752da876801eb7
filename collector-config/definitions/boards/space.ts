import type { Board } from "../board.ts";

export const space: Board = {
  id: "space",
  title: "Storage: space",
  description: "Size of the files, live data in them, and growth.",
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
          title: "Live and free pages",
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
          width: 12,
          queries: [["86400 * deriv(max by (db_namespace) (storage_space_usage_bytes)[1h:15s])", "{{db_namespace}}"]],
        },
        {
          title: "Read from and written to disks",
          unit: "Bps",
          width: 12,
          queries: [
            [
              "sum by (job, disk_io_direction) (rate(process_disk_io_bytes_total[$__rate_interval]))",
              "{{job}} {{disk_io_direction}}",
            ],
          ],
        },
      ],
    },
  ],
};
