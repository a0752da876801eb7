import type { Board } from "../board.ts";
import { lsmRows } from "./lsm.ts";

export const compaction: Board = {
  id: "compaction",
  title: "Storage: LSM trees and compaction",
  description:
    "Levels, flushes, compactions, amplification and stalls of engines that merge files; and compactions of others, with the space and segments that they can reclaim.",
  rows: [
    ...lsmRows,
    {
      title: "Compactions of a day",
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
          note: "Average over a day.",
          queries: [
            [
              `sum by (job, db_namespace, storage_compaction_type) (last_over_time(storage_compaction_duration_seconds_sum[1d]))
/ sum by (job, db_namespace, storage_compaction_type) (last_over_time(storage_compaction_duration_seconds_count[1d]))`,
              "{{job}} {{storage_compaction_type}}",
            ],
          ],
        },
        {
          title: "Time since the last success",
          unit: "s",
          queries: [
            [
              "time() - max by (job, db_namespace) (last_over_time(storage_compaction_last_success_timestamp_seconds[7d]))",
              "{{job}} {{db_namespace}}",
            ],
          ],
        },
        {
          title: "Reclaimed",
          unit: "bytes",
          queries: [
            [
              "sum by (job, db_namespace) (last_over_time(storage_reclaim_size_bytes_total[1d]))",
              "{{job}} {{db_namespace}}",
            ],
          ],
        },
        {
          title: "Reclaimable: free space inside the file",
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
          title: "Reclaimable: segments of search indexes",
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
