import { defineInstrumentation, patchIn, type Instrumentation } from "../../src/instrument/definition.ts";
import { BINDING } from "./types.ts";

/** Engine for the package `sqlite3`: asynchronous SQLite, one connection per `Database`, whose statements run in the thread pool. */
export const nodeSqlite3: Instrumentation = defineInstrumentation({
  id: "node-sqlite3",
  modules: [
    { name: "sqlite3", file: "lib/sqlite3.js", versions: ["5.1.0", "7.0.0"] },
    { name: "sqlite3", file: BINDING, versions: ["5.1.0", "7.0.0"] },
  ],
  layers: ["operation", "transaction", "wal", "snapshot", "compaction", "search"],
  patch: patchIn("instrumentations/node-sqlite3/patch"),
});
