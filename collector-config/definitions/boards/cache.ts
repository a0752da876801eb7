import type { Board } from "../board.ts";

const LABELS = 'job="api",instance="a",db_system_name="lru-cache",storage_cache_name="users"';
const REQUESTS = {
  [`storage_cache_requests_total{${LABELS},storage_cache_result="hit"}`]: "0+90x60",
  [`storage_cache_requests_total{${LABELS},storage_cache_result="miss"}`]: "0+10x60",
};

export const cache: Board = {
  id: "cache",
  title: "Storage: caches",
  description: "Caches in the memory of the process: what they find, what they hold, what they save.",
  choices: [{ name: "cache", title: "Cache", metric: "storage_cache_requests_total", label: "storage_cache_name" }],
  inputs: [
    {
      name: "price",
      title: "Price of a load ($)",
      description: "What a lookup would cost without the cache, such as a GET of an object store.",
      value: "0.0000004",
    },
  ],
  rows: [
    {
      title: "Lookups",
      panels: [
        {
          title: "Hit rate",
          kind: "gauge",
          unit: "percentunit",
          alert: "CacheHitRateLow",
          queries: [
            [
              'sum(rate(storage_cache_requests_total{storage_cache_result!="miss"}[$__rate_interval])) / sum(rate(storage_cache_requests_total[$__rate_interval]))',
              "hit rate",
            ],
          ],
          example: REQUESTS,
        },
        {
          title: "Hits and misses",
          unit: "cps",
          width: 10,
          queries: [
            [
              "sum by (storage_cache_name, storage_cache_result) (rate(storage_cache_requests_total[$__rate_interval]))",
              "{{storage_cache_name}} {{storage_cache_result}}",
            ],
          ],
          example: REQUESTS,
        },
        {
          title: "Operations per hour",
          unit: "short",
          width: 10,
          queries: [
            [
              "sum by (storage_cache_name, storage_cache_result) (increase(storage_cache_requests_total[1h]))",
              "{{storage_cache_name}} {{storage_cache_result}}",
            ],
            ["sum by (storage_cache_name) (increase(storage_cache_writes_total[1h]))", "{{storage_cache_name}} writes"],
          ],
          example: { ...REQUESTS, [`storage_cache_writes_total{${LABELS}}`]: "0+10x60" },
        },
      ],
    },
    {
      title: "Size",
      panels: [
        {
          title: "Utilization",
          kind: "gauge",
          unit: "percentunit",
          note: "Of the fullest cache: its size, or where it has no limit for that, its entries.",
          queries: [
            [
              "max(sum by (job, instance, db_system_name, storage_cache_name) (storage_cache_usage_bytes) / sum by (job, instance, db_system_name, storage_cache_name) (storage_cache_limit_bytes) or sum by (job, instance, db_system_name, storage_cache_name) (storage_cache_entry_count) / sum by (job, instance, db_system_name, storage_cache_name) (storage_cache_entry_limit))",
              "utilization",
            ],
          ],
          example: {
            [`storage_cache_entry_count{${LABELS}}`]: "900x60",
            [`storage_cache_entry_limit{${LABELS}}`]: "1000x60",
          },
        },
        {
          title: "Size",
          unit: "bytes",
          width: 10,
          queries: [
            ["sum by (storage_cache_name) (storage_cache_usage_bytes)", "{{storage_cache_name}}"],
            ["sum by (storage_cache_name) (storage_cache_limit_bytes)", "{{storage_cache_name}} limit"],
          ],
          example: {
            [`storage_cache_usage_bytes{${LABELS}}`]: "1000000x60",
            [`storage_cache_limit_bytes{${LABELS}}`]: "2000000x60",
          },
        },
        {
          title: "Evictions, by reason",
          unit: "cps",
          width: 10,
          queries: [
            [
              "sum by (storage_cache_name, storage_cache_eviction_reason) (rate(storage_cache_evictions_total[$__rate_interval]))",
              "{{storage_cache_name}} {{storage_cache_eviction_reason}}",
            ],
          ],
          example: {
            [`storage_cache_evictions_total{${LABELS},storage_cache_eviction_reason="capacity"}`]: "0+10x60",
          },
        },
      ],
    },
    {
      title: "Savings",
      panels: [
        {
          title: "Saved in an hour",
          kind: "stat",
          unit: "currencyUSD",
          note: "What the lookups that needed no load would have cost, by the price at the top.",
          queries: [
            ['sum(increase(storage_cache_requests_total{storage_cache_result!="miss"}[1h])) * $price', "saved"],
          ],
          example: REQUESTS,
        },
        {
          title: "Duration of loads",
          unit: "s",
          width: 10,
          queries: [
            [
              "histogram_quantile(0.99, sum by (le, storage_cache_name) (rate(storage_cache_load_duration_seconds_bucket[$__rate_interval])))",
              "99 % {{storage_cache_name}}",
            ],
          ],
          example: {
            [`storage_cache_load_duration_seconds_bucket{${LABELS},le="0.05"}`]: "0+60x60",
            [`storage_cache_load_duration_seconds_bucket{${LABELS},le="+Inf"}`]: "0+60x60",
          },
        },
        {
          title: "Loads that failed",
          unit: "cps",
          width: 10,
          queries: [
            [
              'sum by (storage_cache_name, error_type) (rate(storage_cache_load_duration_seconds_count{error_type!=""}[$__rate_interval]))',
              "{{storage_cache_name}} {{error_type}}",
            ],
          ],
          example: { [`storage_cache_load_duration_seconds_count{${LABELS},error_type="TimeoutError"}`]: "0+1x60" },
        },
      ],
    },
  ],
};
