import { defineInstrumentation, patchIn, type Instrumentation } from "../../src/instrument/definition.ts";

/** Engine for @duckdb/node-api: an analytical SQL database in the process, whose calls are asynchronous. */
export const duckdb: Instrumentation = defineInstrumentation({
  id: "duckdb",
  modules: [{ name: "@duckdb/node-api", file: "lib/index.js", versions: ["1.5.0", "1.6.0"] }],
  layers: ["operation", "transaction", "wal", "snapshot", "compaction"],
  patch: patchIn("instrumentations/duckdb/patch"),
});
