import { channel } from "node:diagnostics_channel";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type * as Pglite from "@electric-sql/pglite";
import type { ClassicLevel } from "classic-level";
import type { open } from "lmdb";
import type { LRUCache } from "lru-cache";
import { SEARCH_WORK } from "./search-work.ts";

/** A piece of work on an engine that is done many times. */
export interface EngineWork {
  readonly package: string;
  /** Units of work done at once; less than a time slice of the system. */
  readonly chunk: number;
  /** How units that return a promise are awaited: all of a chunk at its end, or the last one, by which all have ended. */
  readonly awaits?: "all" | "last";
  /** Fills a database in a folder and returns one unit of work. */
  readonly prepare: (module: never, folder: string) => Promise<() => unknown>;
}

const RECORDS = 10_000;
const VALUE = { name: "a record of the usual size", size: 42, tags: ["one", "two"] };

/** Keys all over the records, the same for every variant. */
function keys(): () => string {
  let key = 0;
  return () => `key ${(key = (key + 7919) % RECORDS)}`;
}

async function lmdb({ open: openIn }: { open: typeof open }, folder: string): Promise<ReturnType<typeof open>> {
  // What the disk does is the same for every variant and would drown the differences.
  const db = openIn({ path: folder, noSync: true });
  for (let i = 0; i < RECORDS; i++) void db.put(`key ${i}`, VALUE);
  await db.flushed;
  return db;
}

async function level(module: { ClassicLevel: typeof ClassicLevel }, folder: string): Promise<ClassicLevel> {
  const db = new module.ClassicLevel(folder);
  const value = JSON.stringify(VALUE);
  await db.batch(Array.from({ length: RECORDS }, (_, i) => ({ type: "put", key: `key ${i}`, value })));
  return db;
}

async function duckdb(module: { DuckDBInstance: typeof DuckDBInstance }, folder: string): Promise<DuckDBConnection> {
  mkdirSync(folder, { recursive: true });
  const instance = await module.DuckDBInstance.create(join(folder, "bench.duckdb"), { threads: "1" });
  const connection = await instance.connect();
  await connection.run(`CREATE TABLE kv AS SELECT range AS k, 'value ' || range AS v FROM range(${RECORDS})`);
  await connection.run("CREATE INDEX by_key ON kv (k)");
  return connection;
}

export const ENGINE_WORK = {
  ...SEARCH_WORK,
  "lmdb get": {
    package: "lmdb",
    chunk: 300,
    async prepare(module, folder) {
      const [db, next] = [await lmdb(module, folder), keys()];
      return () => db.get(next()) as unknown;
    },
  },
  "lmdb put": {
    package: "lmdb",
    chunk: 100,
    awaits: "last",
    async prepare(module, folder) {
      const [db, next] = [await lmdb(module, folder), keys()];
      return () => db.put(next(), VALUE);
    },
  },
  "lmdb range of 10": {
    package: "lmdb",
    chunk: 50,
    async prepare(module, folder) {
      const [db, next] = [await lmdb(module, folder), keys()];
      return () => {
        let found = 0;
        for (const { key } of db.getRange({ start: next(), limit: 10 })) if (typeof key === "string") found++;
        return found;
      };
    },
  },
  "classic-level getSync": {
    package: "classic-level",
    chunk: 500,
    async prepare(module, folder) {
      const [db, next] = [await level(module, folder), keys()];
      return () => db.getSync(next());
    },
  },
  "classic-level get": {
    package: "classic-level",
    chunk: 100,
    awaits: "all",
    async prepare(module, folder) {
      const [db, next] = [await level(module, folder), keys()];
      return () => db.get(next());
    },
  },
  "classic-level put": {
    package: "classic-level",
    chunk: 100,
    awaits: "all",
    async prepare(module, folder) {
      const [db, next] = [await level(module, folder), keys()];
      const value = JSON.stringify(VALUE);
      return () => db.put(next(), value);
    },
  },
  "lru-cache get": {
    package: "lru-cache",
    chunk: 5_000,
    async prepare({ LRUCache: Cache }: { LRUCache: typeof LRUCache }) {
      const cache = new Cache<string, object>({ max: RECORDS });
      const metrics = channel("lru-cache:metrics");
      // Without one, the package says nothing, and the price of the channel would be part of that of observation.
      if (!metrics.hasSubscribers) metrics.subscribe(() => {});
      for (let i = 0; i < RECORDS; i++) cache.set(`key ${i}`, VALUE);
      const next = keys();
      return () => cache.get(next());
    },
  },
  "duckdb prepared select": {
    package: "@duckdb/node-api",
    chunk: 20,
    awaits: "all",
    async prepare(module, folder) {
      const connection = await duckdb(module, folder);
      const prepared = await connection.prepare("SELECT v FROM kv WHERE k = $1");
      prepared.bindInteger(1, 4_711);
      return () => prepared.run();
    },
  },
  "duckdb select": {
    package: "@duckdb/node-api",
    chunk: 20,
    awaits: "all",
    async prepare(module, folder) {
      const [connection, next] = [await duckdb(module, folder), keys()];
      return () => connection.run(`SELECT v FROM kv WHERE k = ${next().slice("key ".length)}`);
    },
  },
  "duckdb insert": {
    package: "@duckdb/node-api",
    chunk: 10,
    awaits: "all",
    async prepare(module, folder) {
      const connection = await duckdb(module, folder);
      return () => connection.run("INSERT INTO kv VALUES ($1, $2)", [RECORDS, "value"]);
    },
  },
  "duckdb transaction of one insert": {
    package: "@duckdb/node-api",
    chunk: 5,
    awaits: "all",
    async prepare(module, folder) {
      const connection = await duckdb(module, folder);
      return async () => {
        // Those of one connection follow one another.
        await connection.run("BEGIN; INSERT INTO kv VALUES (1, 'value'); COMMIT");
      };
    },
  },
  "pglite select": {
    package: "@electric-sql/pglite",
    chunk: 10,
    awaits: "all",
    async prepare({ PGlite }: typeof Pglite) {
      const db = await PGlite.create();
      await db.exec("CREATE TABLE kv (k INT PRIMARY KEY, v TEXT)");
      await db.exec(`INSERT INTO kv SELECT n, 'value' FROM generate_series(0, ${RECORDS - 1}) n`);
      const next = keys();
      return () => db.query("SELECT v FROM kv WHERE k = $1", [Number(next().slice("key ".length))]);
    },
  },
} as const satisfies Record<string, EngineWork>;

export type EngineWorkName = keyof typeof ENGINE_WORK;
