import { expect } from "chai";
import { describe, it } from "mocha";
import { prometheusLabel, prometheusName } from "../../semconv/prometheus-names.ts";
import { aliases, type Alias, type Selection } from "../../src/export/prometheus/alias-table.ts";
import type { JsonSeries } from "../../src/admin/routes/metrics-json.ts";
import { ROOT } from "../helpers/app.ts";
import { eventuallyDefined } from "../helpers/eventually.ts";
import { RemoteApp } from "../helpers/remote-app.ts";
import { scrape, type Page, type Sample } from "../helpers/scrape.ts";

/** Uses all engines of keys and values, caches, a database of SQLite and an HTTP server. */
const WORK = `
  const { ClassicLevel } = require("classic-level");
  const { open: openLmdb } = require("lmdb");
  const { LRUCache } = require("lru-cache");
  const value = "v".repeat(1_000);

  const level = (kept.level = new ClassicLevel("words", { writeBufferSize: 65_536, compression: false }));
  for (let i = 0; i < 400; i++) await level.put("key" + (i % 90), value + i);
  for (let i = 0; i < 50; i++) await level.get("key" + i);
  for (let i = 0; i < 7; i++) await level.del("key" + i);
  await level.batch([{ type: "put", key: "a", value }, { type: "del", key: "b" }]);
  await level.compactRange("a", "z");

  const store = (kept.store = openLmdb({ path: "synonyms" }));
  for (let i = 0; i < 20; i++) await store.put(i, value);
  for (let i = 0; i < 30; i++) store.get(i);
  for (let i = 0; i < 3; i++) await store.remove(i);
  await store.transaction(() => store.put("in", "a transaction"));

  const RocksDB = require("rocksdb-native");
  const rocks = (kept.rocks = new RocksDB("antonyms"));
  await rocks.ready();
  for (let i = 0; i < 25; i++) await rocks.put("key" + i, value);
  for (let i = 0; i < 10; i++) await rocks.get("key" + i);
  for (let i = 0; i < 2; i++) await rocks.delete("key" + i);

  const cache = (kept.cache = new LRUCache({ maxSize: 1e6, sizeCalculation: (text) => text.length }));
  for (let i = 0; i < 10; i++) cache.set(i, value);
  for (let i = 0; i < 15; i++) cache.get(i);

  kept.db = open("dictionary.db");
  kept.db.exec("CREATE TABLE words (word); INSERT INTO words VALUES (zeroblob(1000000)); DELETE FROM words");
  kept.db.exec("VACUUM");

  const { Tidepool } = await import(${JSON.stringify(`file://${ROOT}/examples/engine/engine.ts`)});
  const pool = (kept.pool = await Tidepool.open("reef", { memtableBytes: 32 << 10, tableBytes: 64 << 10, level1Bytes: 256 << 10 }));
  for (let i = 0; i < 200; i++) await pool.put("key" + i, Buffer.from(value));
  await pool.compact();
  await pool.get("key1");
  await pool.del("key1");

  const server = require("node:http").createServer((_, response) => response.end());
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  await fetch("http://127.0.0.1:" + server.address().port + "/words").then((response) => response.text());
  server.close();
`;

const isTaken = ({ labels }: Sample, selection: Selection = {}): boolean =>
  Object.entries(selection).every(([key, values]) => {
    const value = labels[prometheusLabel(key)];
    return values === true ? value !== undefined : values.includes(value!);
  });

/** Returns a text that is the same for the same labels. */
const keyOf = (labels: Readonly<Record<string, string | undefined>>): string =>
  Object.keys(labels)
    .filter((label) => labels[label] !== undefined)
    .sort()
    .map((label) => `${label}=${labels[label]}`)
    .join(",");

/** Adds up the series of the source of an alias, by the labels that it has. */
function expected({ samples }: Page, alias: Alias, suffix: string, sourceSuffix: string): Record<string, number> {
  const { source, among, where, labels = {} } = alias;
  const sums: Record<string, number> = {};
  for (const sample of samples) {
    if (sample.name !== prometheusName(source) + sourceSuffix || !isTaken(sample, among)) continue;
    const kept = Object.entries(labels).map(([label, key]) => [label, sample.labels[prometheusLabel(key)]]);
    const le = suffix === "_bucket" ? [["le", sample.labels["le"]]] : [];
    const key = keyOf(Object.fromEntries([...kept, ...le]) as Sample["labels"]);
    sums[key] = (sums[key] ?? 0) + (isTaken(sample, where) ? sample.value : 0);
  }
  return sums;
}

const found = ({ samples }: Page, name: string): Record<string, number> =>
  Object.fromEntries(
    samples.filter((sample) => sample.name === name).map(({ labels, value }) => [keyOf(labels), value]),
  );

/** Checks what is asked of a store of keys and values first, by the names that it has in OTLP. */
async function expectQuantiles(app: RemoteApp): Promise<void> {
  const { body } = await app.ask("/metrics.json");
  const metrics = body["metrics"] as readonly JsonSeries[];
  for (const [namespace, ...operations] of [
    ["words", "get", "put", "del", "batch"],
    ["synonyms", "get", "put", "remove"],
  ]) {
    const of = metrics.filter(({ attributes }) => attributes["db.namespace"] === namespace);
    for (const operation of operations) {
      const { histogram } = of.find(
        ({ name, attributes }) =>
          name === "db.client.operation.duration" && attributes["db.operation.name"] === operation,
      )!;
      const { p50, p95, p99 } = histogram!.quantiles!;
      expect(histogram!.count, operation).to.be.above(0);
      expect([p50! > 0, p50! <= p95!, p95! <= p99!], operation).to.deep.equal([true, true, true]);
    }
    expect(of.find(({ name }) => name === "storage.operation.active")?.value, namespace).to.equal(0);
  }
}

describe("the names of other systems on /metrics", () => {
  it("have the values of what they stand for, in an application with every engine", async () => {
    const app = await RemoteApp.start("better-sqlite3", {
      env: { STRATASCOPE_METRIC_ALIASES: "db,streamhouse,deltaforge" },
    });
    try {
      await app.evaluate(WORK);
      // What an engine is asked for asynchronously is in the next collection.
      const page = await eventuallyDefined(async () => {
        const now = await scrape(`${app.url}/metrics`);
        return now.samples.some(({ name }) => name === "db_cache_bytes") ? now : undefined;
      });
      await expectQuantiles(app);
      for (const alias of aliases) {
        let told = 0;
        const suffixes =
          alias.take === "count"
            ? [["", "_count"]]
            : [
                ["", ""],
                ["_bucket", "_bucket"],
                ["_sum", "_sum"],
              ];
        for (const [suffix, sourceSuffix] of suffixes as [string, string][]) {
          const values = expected(page, alias, suffix, sourceSuffix);
          const shown = found(page, alias.name + suffix);
          told += Object.keys(values).length;
          expect(Object.keys(shown), alias.name + suffix).to.have.members(Object.keys(values));
          for (const [labels, value] of Object.entries(values))
            expect(shown[labels], alias.name).to.be.closeTo(value, 1e-6);
        }
        // Some engine here reports each of them.
        expect(told, alias.name).to.be.above(0);
      }
      expect(found(page, "db_set_operations_total")[""]).to.equal(400 + 20 + 1 + 25 + 200);
      expect(found(page, "db_get_operations_total")[""]).to.equal(50 + 30 + 10 + 1);
      expect(found(page, "db_delete_operations_total")[""]).to.equal(7 + 3 + 2 + 1);
      expect(found(page, "db_get_errors_total")[""]).to.equal(0);
      expect(found(page, "streamhouse_cache_hits_total")[""]).to.equal(10);
      expect(found(page, "streamhouse_cache_misses_total")[""]).to.equal(5);
      expect(found(page, "db_space_reclaim_operations_total")[""]).to.equal(1);
      expect(found(page, "db_space_reclaim_bytes_total")[""]).to.be.above(900_000);
    } finally {
      await app.stop();
    }
  });
});
