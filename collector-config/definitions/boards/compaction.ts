import type { Board } from "../board.ts";

export const compaction: Board = {
  id: "compaction",
  title: "Storage: compaction",
  description:
    "What makes the data smaller or puts it in order, and what there is to gain. Compactions are rare: the panels look back a day.",
  rows: [
    {
      title: "Compactions",
      panels: [
        {
          title: "Runs",
          unit: "short",
          queries: [
            [
              "sum by (job, db_namespace, storage_compaction_type) (last_over_time(storage_compaction_duration_seconds_count[1d]))",
              "{{job}} {{storage_compaction_type}}",
            ],
          ],
        },
        {
          title: "Duration",
          unit: "s",
          note: "On average, over a day.",
          queries: [
            [
              `sum by (job, db_namespace, storage_compaction_type) (last_over_time(storage_compaction_duration_seconds_sum[1d]))
/ sum by (job, db_namespace, storage_compaction_type) (last_over_time(storage_compaction_duration_seconds_count[1d]))`,
              "{{job}} {{storage_compaction_type}}",
            ],
          ],
        },
        {
          title: "Since the last one that succeeded",
          unit: "s",
          queries: [
            [
              "time() - max by (job, db_namespace) (last_over_time(storage_compaction_last_success_timestamp_seconds[7d]))",
              "{{job}} {{db_namespace}}",
            ],
          ],
        },
        {
          title: "Given back",
          unit: "bytes",
          queries: [
            [
              "sum by (job, db_namespace) (last_over_time(storage_reclaim_size_bytes_total[1d]))",
              "{{job}} {{db_namespace}}",
            ],
          ],
        },
        {
          title: "To gain: free space inside the file",
          unit: "percentunit",
          alert: "StorageFragmented",
          queries: [
            [
              `sum by (job, db_namespace) (storage_space_allocated_bytes{storage_space_state="free"})
/ sum by (job, db_namespace) (storage_space_allocated_bytes)`,
              "{{job}} {{db_namespace}}",
            ],
          ],
        },
        {
          title: "To gain: segments of search indexes",
          unit: "short",
          queries: [
            [
              "max by (job, db_namespace, storage_search_index_name) (storage_search_segments)",
              "{{storage_search_index_name}}",
            ],
          ],
        },
      ],
    },
  ],
};
