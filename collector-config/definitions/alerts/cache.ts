import type { Alert, InputSeries } from "../alert.ts";
import { one, TARGET } from "./series.ts";

const BY_CACHE = "by (job, db_system_name, storage_cache_name)";
const CACHE = { job: TARGET.job, db_system_name: "lru-cache", storage_cache_name: "users" };

/** Half an hour of lookups. */
const lookups = (hits: string, misses: string): InputSeries => ({
  ...one("storage_cache_requests_total", { ...CACHE, instance: "a", storage_cache_result: "hit" }, hits),
  ...one("storage_cache_requests_total", { ...CACHE, instance: "a", storage_cache_result: "miss" }, misses),
});

/** Caches that save too little. */
export const cacheAlerts: readonly Alert[] = [
  {
    name: "CacheHitRateLow",
    severity: "warning",
    for: "10m",
    expression: `sum ${BY_CACHE} (rate(storage_cache_requests_total{storage_cache_result!="miss"}[5m]))
/ sum ${BY_CACHE} (rate(storage_cache_requests_total[5m])) < $threshold
and sum ${BY_CACHE} (rate(storage_cache_requests_total[5m])) > 1`,
    threshold: 0.7,
    summary: "The cache {{ $labels.storage_cache_name }} finds {{ $value | humanizePercentage }} of what is looked up.",
    meaning: "A cache with more than one lookup a second has found less than seven in ten of them for ten minutes.",
    impact: "What is behind the cache gets more load, and costs more; users wait for it.",
    look: [
      [
        "the hit rate, since when",
        `sum ${BY_CACHE} (rate(storage_cache_requests_total{storage_cache_result!="miss"}[5m])) / sum ${BY_CACHE} (rate(storage_cache_requests_total[5m]))`,
      ],
      [
        "why entries leave",
        "sum by (storage_cache_name, storage_cache_eviction_reason) (rate(storage_cache_evictions_total[5m]))",
      ],
      [
        "how full it is",
        "sum by (storage_cache_name) (storage_cache_entry_count) / sum by (storage_cache_name) (storage_cache_entry_limit)",
      ],
      [
        "how long loads take",
        "histogram_quantile(0.99, sum by (le, storage_cache_name) (rate(storage_cache_load_duration_seconds_bucket[5m])))",
      ],
    ],
    actions: [
      "The service has just started: a cache is empty then. Wait, or fill it before the service is ready.",
      "Evictions by `capacity`: the cache is smaller than what is used; raise its limit as far as memory allows.",
      "Evictions by `ttl`: entries expire before they are used again; raise their time to live.",
      "Evictions by `explicit` or `replaced`: the application invalidates more than it needs to.",
      "None of them: the keys differ where they need not, or nothing is asked for twice; then the cache is of no use.",
    ],
    fires: {
      series: lookups("0+60x30", "0+60x30"),
      at: "20m",
      labels: CACHE,
      summary: "The cache users finds 50% of what is looked up.",
    },
    silent: { series: lookups("0+96x30", "0+24x30"), at: "20m" },
  },
];
