import { defineEngine, type Engine } from "../../src/engine.ts";
import { patch } from "./patch.ts";

/** better-sqlite3: SQLite, synchronous, one connection a `Database`. */
export const betterSqlite3: Engine = defineEngine({
  id: "better-sqlite3",
  system: "sqlite",
  module: "better-sqlite3",
  file: "lib/database.js",
  versions: ["13.0.0", "14.0.0"],
  supports: { transactions: true, savepoints: true, iterators: true },
  patch,
});
