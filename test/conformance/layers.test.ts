import type { Context } from "mocha";
import { engines } from "../../instrumentations/index.ts";
import { join } from "node:path";
import { ROOT } from "../helpers/app.ts";
import { needs } from "../helpers/drivers.ts";
import { LAYERS } from "../../src/instrument/definition.ts";
import { testLayers } from "./layers.ts";

/** Programs that use every layer of an engine, with their arguments. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  "better-sqlite3": ["./sqlite.mjs", "better-sqlite3"],
  cacheable: ["./caches.mjs", "cacheable"],
  keyv: ["./caches.mjs", "keyv"],
  "lru-cache": ["./caches.mjs", "lru-cache"],
  "classic-level": ["./level.mjs"],
  duckdb: ["./duckdb.mjs"],
  lmdb: ["./lmdb.mjs"],
  "node-sqlite": ["./sqlite.mjs", "node-sqlite"],
  minisearch: ["./indexes.mjs", "minisearch"],
  orama: ["./indexes.mjs", "orama"],
  flexsearch: ["./indexes.mjs", "flexsearch"],
  "hnswlib-node": ["./indexes.mjs", "hnswlib-node"],
  usearch: ["./indexes.mjs", "usearch"],
  "rocksdb-native": ["./rocksdb.mjs"],
  pglite: ["./pglite.mjs", join(ROOT, "test/helpers/pglite.ts")],
  libsql: ["./sqlite.mjs", "libsql"],
  "node-sqlite3": ["./sqlite3.mjs"],
};

/** What is to be compiled first. */
const NEEDS: Readonly<Record<string, (test: Context) => Promise<void>>> = {
  "hnswlib-node": (test) => needs("hnswlib-node", test),
  "node-sqlite3": (test) => needs("sqlite3", test),
};

for (const { id, layers } of engines) testLayers({ id, layers, program: PROGRAMS[id]!, needs: NEEDS[id] });

// It has no cache.
const tidepool = LAYERS.filter((layer) => layer !== "cache");
testLayers({ id: "the example engine", layers: tidepool, program: [join(ROOT, "test/apps/conformance/tidepool.ts")] });
testLayers({ id: "an odd engine", layers: ["operation", "transaction", "compaction"], program: ["./odd.ts"] });
