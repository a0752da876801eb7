import { defineEngine, type Engine } from "../../src/instrument/definition.ts";
import { patch, patchAddon } from "./patch.ts";

/** Engine for better-sqlite3: synchronous SQLite, one connection per `Database`. */
export const betterSqlite3: Engine = defineEngine({
  id: "better-sqlite3",
  system: "sqlite",
  module: "better-sqlite3",
  file: "lib/database.js",
  versions: ["11.0.0", "14.0.0"],
  supports: { transactions: true, savepoints: true, iterators: true },
  patch,
  addon: { file: /better[_-]sqlite3|^(?:darwin|linux|linuxmusl|win32)-/, patch: patchAddon },
});
