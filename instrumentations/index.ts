import type { Instrumentation } from "../src/instrument/definition.ts";
import { betterSqlite3 } from "./better-sqlite3/index.ts";
import { cacheable } from "./cacheable/index.ts";
import { classicLevel } from "./classic-level/index.ts";
import { duckdb } from "./duckdb/index.ts";
import { flexsearch } from "./flexsearch/index.ts";
import { hnswlibNode } from "./hnswlib-node/index.ts";
import { keyv } from "./keyv/index.ts";
import { libsql } from "./libsql/index.ts";
import { lmdb } from "./lmdb/index.ts";
import { lruCache } from "./lru-cache/index.ts";
import { minisearch } from "./minisearch/index.ts";
import { nodeSqlite } from "./node-sqlite/index.ts";
import { nodeSqlite3 } from "./node-sqlite3/index.ts";
import { orama } from "./orama/index.ts";
import { pglite } from "./pglite/index.ts";
import { rocksdbNative } from "./rocksdb-native/index.ts";
import { usearch } from "./usearch/index.ts";

/** All engines and clients, in alphabetical order. */
export const engines: readonly Instrumentation[] = [
  betterSqlite3,
  cacheable,
  classicLevel,
  duckdb,
  flexsearch,
  hnswlibNode,
  keyv,
  libsql,
  lmdb,
  lruCache,
  minisearch,
  nodeSqlite,
  nodeSqlite3,
  orama,
  pglite,
  rocksdbNative,
  usearch,
];
