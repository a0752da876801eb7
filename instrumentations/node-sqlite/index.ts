import { defineInstrumentation, type Instrumentation } from "../../src/instrument/definition.ts";
import { patch } from "./patch.ts";

/** Engine for node:sqlite, the synchronous SQLite built into Node.js; one connection per `DatabaseSync`. */
export const nodeSqlite: Instrumentation = defineInstrumentation({
  id: "node-sqlite",
  modules: [{ name: "node:sqlite", versions: ["22.15.0", "27.0.0"] }],
  layers: ["operation", "transaction", "wal", "snapshot", "compaction", "search"],
  patch,
});
