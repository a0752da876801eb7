import type { Board } from "../board.ts";

export const search: Board = {
  id: "search",
  title: "Storage: search",
  description: "Full-text and vector searches.",
  rows: [
    {
      title: "Searches",
      panels: [
        {
          title: "By index",
          unit: "cps",
          queries: [
            [
              "sum by (storage_search_index_name, storage_search_type) (rate(storage_search_duration_seconds_count[$__rate_interval]))",
              "{{storage_search_index_name}} {{storage_search_type}}",
            ],
          ],
        },
        {
          title: "Duration",
          unit: "s",
          alert: "StorageSearchSlow",
          queries: [
            [
              "histogram_quantile(0.5, sum by (le, storage_search_index_name) (rate(storage_search_duration_seconds_bucket[$__rate_interval])))",
              "median {{storage_search_index_name}}",
            ],
            [
              "histogram_quantile(0.99, sum by (le, storage_search_index_name) (rate(storage_search_duration_seconds_bucket[$__rate_interval])))",
              "99 % {{storage_search_index_name}}",
            ],
          ],
        },
        {
          title: "Results of a search",
          unit: "short",
          queries: [
            [
              "histogram_quantile(0.5, sum by (le, storage_search_index_name) (rate(storage_search_results_bucket[$__rate_interval])))",
              "median {{storage_search_index_name}}",
            ],
            [
              "histogram_quantile(0.99, sum by (le, storage_search_index_name) (rate(storage_search_results_bucket[$__rate_interval])))",
              "99 % {{storage_search_index_name}}",
            ],
          ],
        },
        {
          title: "Failed searches",
          unit: "cps",
          queries: [
            [
              'sum by (storage_search_index_name, error_type) (rate(storage_search_duration_seconds_count{error_type!=""}[$__rate_interval]))',
              "{{storage_search_index_name}} {{error_type}}",
            ],
          ],
          example: {
            'storage_search_duration_seconds_count{job="api",instance="a",db_namespace="main",storage_search_index_name="words_fts",error_type="SQLITE_ERROR"}':
              "0+1x60",
          },
        },
        {
          title: "Segments of the index",
          unit: "short",
          queries: [
            [
              "max by (db_namespace, storage_search_index_name) (storage_search_segments)",
              "{{storage_search_index_name}}",
            ],
          ],
        },
        {
          title: "Statements that change an index directly",
          unit: "s",
          note: "Seconds of work per second.",
          queries: [
            [
              "sum by (storage_search_index_name) (rate(storage_search_index_update_duration_seconds_sum[$__rate_interval]))",
              "{{storage_search_index_name}}",
            ],
          ],
        },
      ],
    },
  ],
};
