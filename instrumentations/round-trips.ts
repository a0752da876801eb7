import type { OpenOwnDatabase } from "../src/instrument/round-trip.ts";
import { openOwn as betterSqlite3 } from "./better-sqlite3/round-trip.ts";
import { openOwn as classicLevel } from "./classic-level/round-trip.ts";
import { openOwn as lmdb } from "./lmdb/round-trip.ts";
import { openOwn as nodeSqlite } from "./node-sqlite/round-trip.ts";
import { openOwn as rocksdbNative } from "./rocksdb-native/round-trip.ts";

/** Functions that open a database for a health check, by the id of the engine. Loaded with the checks. */
export const roundTrips: Readonly<Record<string, OpenOwnDatabase>> = {
  "better-sqlite3": betterSqlite3,
  "classic-level": classicLevel,
  lmdb,
  "node-sqlite": nodeSqlite,
  "rocksdb-native": rocksdbNative,
};
