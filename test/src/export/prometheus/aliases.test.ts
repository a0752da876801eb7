import { resourceFromAttributes } from "@opentelemetry/resources";
import { AggregationTemporality, type ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { expect } from "chai";
import { describe, it } from "mocha";
import {
  METRIC_DB_CLIENT_OPERATION_DURATION,
  METRIC_STORAGE_CACHE_REQUESTS,
  METRIC_STORAGE_LEVEL_FILE_COUNT,
  METRIC_STORAGE_MEMORY_USAGE,
} from "../../../../semconv/index.ts";
import { prometheusName } from "../../../../semconv/prometheus-names.ts";
import { loadRegistry } from "../../../../semconv/resolve.ts";
import { ALIAS_SETS } from "../../../../src/config/alias-set.ts";
import { aliases, futureAliases, setOf } from "../../../../src/export/prometheus/alias-table.ts";
import { withAliases } from "../../../../src/export/prometheus/aliases.ts";
import { expose } from "../../../../src/export/prometheus/text-format.ts";
import { SeriesProducer } from "../../../../src/metrics/producer.ts";
import { MetricRegistry } from "../../../../src/metrics/registry.ts";

const SECOND = 1e9;

/** Collects what is recorded. */
function collected(record: (registry: MetricRegistry) => void): ResourceMetrics {
  const registry = new MetricRegistry();
  record(registry);
  const temporality = (): AggregationTemporality => AggregationTemporality.CUMULATIVE;
  const { scopeMetrics } = new SeriesProducer(registry, { temporality, exponential: false }).collectNow()
    .resourceMetrics;
  return { resource: resourceFromAttributes({}), scopeMetrics };
}

/** Returns the series of a page whose names begin with a prefix, without those of buckets that are empty. */
function seriesOf(metrics: ResourceMetrics, prefix: string): string[] {
  const page = String(expose(withAliases(metrics, ALIAS_SETS), "text"));
  return page.split("\n").filter((line) => line.startsWith(prefix) && !/_bucket.* 0$/.test(line));
}

describe("the names of other systems", () => {
  it("are the 62 of the table, each once, in a set by its prefix", () => {
    const names = [...aliases.map(({ name }) => name), ...Object.keys(futureAliases)];
    expect(names).to.have.length(62);
    expect(new Set(names)).to.have.length(62);
    expect(new Set(names.map(setOf))).to.deep.equal(new Set(ALIAS_SETS));
  });

  it("are spelled on a page as in the table", () => {
    for (const { name, source, take } of aliases) {
      const metric = take === "count" ? { unit: "", instrument: "counter" as const } : source;
      expect(prometheusName({ ...metric, name })).to.equal(name);
    }
  });

  it("ask for attributes that their metrics have", () => {
    for (const { name, source, among, where, labels = {} } of aliases) {
      const asked = [...Object.keys({ ...among, ...where }), ...Object.values(labels)];
      for (const key of asked) expect(source.attributes, name).to.include(key);
    }
  });

  it("are said to be for the future only if their metric does not exist", () => {
    const names = new Set(loadRegistry("semconv/registry").metrics.map(({ name }) => name));
    for (const [alias, metric] of Object.entries(futureAliases)) expect(names.has(metric), alias).to.equal(false);
  });

  it("are absent by default, and without a metric", () => {
    const metrics = collected(() => {});
    expect(withAliases(metrics, [])).to.equal(metrics);
    expect(seriesOf(metrics, "db_")).to.deep.equal([]);
  });

  it("have the sum of an operation's series in all databases, by name of the engine", () => {
    const metrics = collected((registry) => {
      const durations = registry.instrument(METRIC_DB_CLIENT_OPERATION_DURATION);
      const operation = (system: string, name: string, error?: string) =>
        durations.bind({ "db.system.name": system, "db.operation.name": name, "error.type": error });
      operation("leveldb", "get").record(0.00390625 * SECOND);
      operation("leveldb", "get").record(0.03125 * SECOND);
      operation("lmdb", "getBinary").record(0.000030517578125 * SECOND);
      operation("leveldb", "get", "LEVEL_IO_ERROR").record(0.00390625 * SECOND);
      operation("leveldb", "put").record(0.003 * SECOND);
      operation("sqlite", "SELECT").record(0.003 * SECOND);
    });
    expect(seriesOf(metrics, "db_get")).to.deep.equal([
      "db_get_operations_total 4",
      'db_get_latency_seconds_bucket{le="5e-05"} 1',
      'db_get_latency_seconds_bucket{le="0.0001"} 1',
      'db_get_latency_seconds_bucket{le="0.0005"} 1',
      'db_get_latency_seconds_bucket{le="0.001"} 1',
      'db_get_latency_seconds_bucket{le="0.005"} 3',
      'db_get_latency_seconds_bucket{le="0.01"} 3',
      'db_get_latency_seconds_bucket{le="0.05"} 4',
      'db_get_latency_seconds_bucket{le="0.1"} 4',
      'db_get_latency_seconds_bucket{le="0.5"} 4',
      'db_get_latency_seconds_bucket{le="1"} 4',
      'db_get_latency_seconds_bucket{le="5"} 4',
      'db_get_latency_seconds_bucket{le="10"} 4',
      'db_get_latency_seconds_bucket{le="+Inf"} 4',
      "db_get_latency_seconds_sum 0.039093017578125",
      "db_get_latency_seconds_count 4",
      "db_get_errors_total 1",
    ]);
    // There were sets, of which none failed, and no deletes.
    expect(seriesOf(metrics, "db_set_errors")).to.deep.equal(["db_set_errors_total 0"]);
    expect(seriesOf(metrics, "db_delete")).to.deep.equal([]);
  });

  it("keep the labels of the table, and add up the rest", () => {
    const metrics = collected((registry) => {
      const files = registry.instrument(METRIC_STORAGE_LEVEL_FILE_COUNT);
      for (const [namespace, level, count] of [
        ["a", 0, 3],
        ["b", 0, 1],
        ["a", 1, 7],
      ] as const)
        files.bind({ "db.namespace": namespace, "storage.level.number": level }).value = count;
      const memory = registry.instrument(METRIC_STORAGE_MEMORY_USAGE);
      for (const [component, bytes] of [
        ["memtable", 10],
        ["block_cache", 20],
        ["page_cache", 30],
        ["other", 40],
      ] as const)
        memory.bind({ "db.namespace": "a", "storage.memory.component": component }).value = bytes;
      const lookups = registry.instrument(METRIC_STORAGE_CACHE_REQUESTS);
      for (const [cache, count] of [
        ["users", 4],
        ["pages", 5],
      ] as const)
        lookups.bind({ "storage.cache.name": cache, "storage.cache.result": "hit" }).add(count);
    });
    expect(seriesOf(metrics, "db_level")).to.deep.equal(['db_level_files{level="0"} 4', 'db_level_files{level="1"} 7']);
    expect(seriesOf(metrics, "db_memtable")).to.deep.equal(["db_memtable_bytes 10"]);
    expect(seriesOf(metrics, "db_cache")).to.deep.equal(["db_cache_bytes 50"]);
    expect(seriesOf(metrics, "db_total")).to.deep.equal(["db_total_memory_bytes 100"]);
    expect(seriesOf(metrics, "streamhouse_cache")).to.deep.equal([
      "streamhouse_cache_hits_total 9",
      "streamhouse_cache_misses_total 0",
    ]);
  });
});
