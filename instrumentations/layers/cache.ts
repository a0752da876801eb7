import type { Context } from "@opentelemetry/api";
import {
  ATTR_DB_SYSTEM_NAME,
  ATTR_STORAGE_CACHE_EVICTION_REASON,
  ATTR_STORAGE_CACHE_NAME,
  ATTR_STORAGE_CACHE_RESULT,
  KIND_STORAGE_CACHE_LOAD,
  METRIC_STORAGE_CACHE_ENTRY_COUNT,
  METRIC_STORAGE_CACHE_ENTRY_LIMIT,
  METRIC_STORAGE_CACHE_EVICTIONS,
  METRIC_STORAGE_CACHE_LIMIT,
  METRIC_STORAGE_CACHE_REQUESTS,
  METRIC_STORAGE_CACHE_USAGE,
  METRIC_STORAGE_CACHE_WRITES,
  type StorageCacheEvictionReason,
  type StorageCacheResult,
} from "../../semconv/index.ts";
import { Polled, type Collector, type SetValue } from "../../src/instrument/collectors.ts";
import { metricRegistry } from "../../src/metrics/registry.ts";
import type { SumSeries } from "../../src/metrics/series.ts";
import { ActivitySeries } from "../../src/recording/activity-series.ts";
import { Instance, type CacheIdentity } from "../../src/recording/instance.ts";
import { recordActivitySpan } from "../../src/recording/record-activity.ts";
import { contextIn } from "../../src/recording/record-span.ts";
import { activeRollup, type Rollup } from "../../src/recording/rollup.ts";
import { now } from "../../src/runtime/clock.ts";
import { NamedGroup, NamedGroups, type Family } from "./named-groups.ts";

const requests = metricRegistry.instrument(METRIC_STORAGE_CACHE_REQUESTS);
const writes = metricRegistry.instrument(METRIC_STORAGE_CACHE_WRITES);
const evictions = metricRegistry.instrument(METRIC_STORAGE_CACHE_EVICTIONS);

const SIZES = [
  METRIC_STORAGE_CACHE_ENTRY_COUNT,
  METRIC_STORAGE_CACHE_ENTRY_LIMIT,
  METRIC_STORAGE_CACHE_USAGE,
  METRIC_STORAGE_CACHE_LIMIT,
] as const;

/** Packages that use a cache on behalf of others. */
const PACKAGES: ReadonlySet<string> = new Set([
  "lru-cache",
  "keyv",
  "cacheable",
  "@cacheable/memory",
  "@cacheable/utils",
]);

/** Size of a cache, as far as it is known. */
export interface CacheSize {
  readonly entries?: number | undefined;
  /** Number of entries from which it makes room. */
  readonly entryLimit?: number | undefined;
  readonly bytes?: number | undefined;
  /** Bytes from which it makes room. */
  readonly byteLimit?: number | undefined;
}

/** Package whose caches are observed, as data. */
export interface CacheLibrary<Cache extends object> extends Family<Cache> {
  /** The reasons of an eviction that can be seen. */
  readonly reasons: readonly StorageCacheEvictionReason[];
  readonly sizeOf: (cache: Cache) => CacheSize;
}

/** Caches that are a part of another one, whose lookups are those of that one. */
const parts = new WeakSet();

/** Notes that a cache is a part of another one. */
export function notePart(cache: object): void {
  parts.add(cache);
}

/** Caches of one package. None of them is kept alive. */
export class Caches<Cache extends object> {
  readonly #known = new WeakMap<Cache, ObservedCache>();
  readonly #groups: NamedGroups<Cache, CacheGroup<Cache>>;

  constructor(library: CacheLibrary<Cache>) {
    this.#groups = new NamedGroups(library, PACKAGES, (name) => new CacheGroup(name, library));
  }

  /**
   * Returns what observes a cache. To be called within a call of the cache: the first one can name it.
   * @returns undefined for a part of another cache, and for what is none: a method can be called on anything
   */
  alone(cache: Cache): ObservedCache | undefined {
    return typeof cache !== "object" || parts.has(cache) ? undefined : this.of(cache);
  }

  /** Does the same for a cache that is no part of another one. */
  of(cache: Cache): ObservedCache {
    return this.#known.get(cache) ?? this.#meet(cache);
  }

  #meet(cache: Cache): ObservedCache {
    const observed = new ObservedCache(this.#groups.join(cache).series);
    this.#known.set(cache, observed);
    return observed;
  }
}

/** Series of the caches of one name. */
class CacheSeries {
  readonly instance: Instance<CacheIdentity>;
  readonly hits: SumSeries;
  readonly misses: SumSeries;
  readonly writes: SumSeries;
  readonly loads: ActivitySeries;

  constructor(system: string, name: string) {
    this.instance = new Instance({ [ATTR_DB_SYSTEM_NAME]: system, [ATTR_STORAGE_CACHE_NAME]: name });
    const { attributes } = this.instance;
    this.hits = this.requests("hit");
    this.misses = this.requests("miss");
    this.writes = writes.bind(attributes);
    this.loads = new ActivitySeries(KIND_STORAGE_CACHE_LOAD, attributes);
  }

  requests(result: StorageCacheResult): SumSeries {
    return requests.bind({ ...this.instance.attributes, [ATTR_STORAGE_CACHE_RESULT]: result });
  }

  evictions(reason: StorageCacheEvictionReason): SumSeries {
    return evictions.bind({ ...this.instance.attributes, [ATTR_STORAGE_CACHE_EVICTION_REASON]: reason });
  }
}

/** Caches of one name. */
class CacheGroup<Cache extends object> extends NamedGroup<Cache> {
  readonly series: CacheSeries;
  readonly #sizeOf: CacheLibrary<Cache>["sizeOf"];

  constructor(name: string, { system, reasons, sizeOf }: CacheLibrary<Cache>) {
    super(name);
    this.#sizeOf = sizeOf;
    this.series = new CacheSeries(system, name);
    // An alert sees the first one only if there is a series before it.
    for (const reason of reasons) this.series.evictions(reason);
    const collector: Collector = { name: "cache", metrics: SIZES, collect: (set) => this.#measure(set) };
    const polled = new Polled(this.instance, collector, undefined);
    this.instance.whenClosed(() => polled.close());
  }

  get instance(): Instance<CacheIdentity> {
    return this.series.instance;
  }

  #measure(set: SetValue): void {
    const sizes = this.measured().map(this.#sizeOf);
    const sum = (metric: (typeof SIZES)[number], valueOf: (size: CacheSize) => number | undefined): void => {
      const values = sizes.map(valueOf).filter((value) => value !== undefined);
      if (values.length > 0)
        set(
          metric,
          values.reduce((a, b) => a + b),
        );
    };
    sum(METRIC_STORAGE_CACHE_ENTRY_COUNT, ({ entries }) => entries);
    sum(METRIC_STORAGE_CACHE_ENTRY_LIMIT, ({ entryLimit }) => entryLimit);
    sum(METRIC_STORAGE_CACHE_USAGE, ({ bytes }) => bytes);
    sum(METRIC_STORAGE_CACHE_LIMIT, ({ byteLimit }) => byteLimit);
  }
}

/** One cache. */
export class ObservedCache {
  readonly #series: CacheSeries;
  readonly #counted = new Map<StorageCacheResult | StorageCacheEvictionReason, SumSeries>();
  /** Entries in it by what was seen to come and go; NaN before it was seen first. */
  #entries = NaN;

  constructor(series: CacheSeries) {
    this.#series = series;
  }

  hit(): void {
    this.#series.hits.add(1);
    const rollup = activeRollup();
    if (rollup !== null) rollup.cacheHits++;
  }

  miss(): void {
    this.#series.misses.add(1);
    const rollup = activeRollup();
    if (rollup !== null) rollup.cacheMisses++;
  }

  /** Counts a lookup that found an expired entry, or one that is being loaded. */
  found(result: "stale" | "inflight"): void {
    this.#seriesOf(result, () => this.#series.requests(result)).add(1);
    const rollup = activeRollup();
    if (rollup !== null) rollup.cacheHits++;
  }

  /** Counts stored entries. */
  stored(entries: number): void {
    this.#series.writes.add(entries);
  }

  /** Counts entries that left it. */
  evicted(reason: StorageCacheEvictionReason, entries = 1): void {
    this.#seriesOf(reason, () => this.#series.evictions(reason)).add(entries);
  }

  /** Begins a load, or one that has begun in this turn of the event loop. */
  load(start: bigint = now()): CacheLoad {
    return new CacheLoad(this.#series, start);
  }

  /** Notes entries that came, or went for a known reason. */
  changed(entries: number): void {
    this.#entries += entries;
  }

  /**
   * Compares its size with the entries that were seen to come and go: what is missing made room for others.
   * @param isFull false if it has room, so that nothing can have been evicted
   */
  settle(size: number, isFull: boolean): void {
    const missing = this.#entries - size;
    this.#entries = size;
    if (missing > 0 && isFull) this.evicted("capacity", missing);
  }

  #seriesOf(key: StorageCacheResult | StorageCacheEvictionReason, bind: () => SumSeries): SumSeries {
    let series = this.#counted.get(key);
    if (series === undefined) {
      series = bind();
      this.#counted.set(key, series);
    }
    return series;
  }
}

/** Load that has begun. */
export class CacheLoad {
  readonly #series: CacheSeries;
  readonly #start: bigint;
  readonly #rollup: Rollup | null = activeRollup();
  readonly #parent: Context | undefined;

  constructor(series: CacheSeries, start: bigint) {
    this.#series = series;
    this.#start = start;
    this.#parent = this.#rollup === null ? undefined : contextIn(series.instance);
  }

  succeeded(): void {
    this.#ended(undefined);
  }

  failed(error: unknown): void {
    this.#ended(this.#series.instance.errorType(error));
  }

  #ended(failure: string | undefined): void {
    const { instance, loads } = this.#series;
    const run = { start: this.#start, nanoseconds: Number(now() - this.#start), failure, rollup: this.#rollup };
    loads.record(run);
    recordActivitySpan(instance, KIND_STORAGE_CACHE_LOAD, { ...run, parent: this.#parent });
  }
}
