import { defineInstrumentation, patchIn, type Instrumentation } from "../../src/instrument/definition.ts";

/** Engine for PGlite: PostgreSQL in the process, with one connection. Its copies for CommonJS and ES modules are different classes. */
export const pglite: Instrumentation = defineInstrumentation({
  id: "pglite",
  modules: [
    { name: "@electric-sql/pglite", file: "dist/index.cjs", versions: ["0.5.0", "0.6.0"] },
    { name: "@electric-sql/pglite", file: "dist/index.js", versions: ["0.5.0", "0.6.0"] },
  ],
  layers: ["operation", "transaction", "wal", "snapshot", "compaction", "search"],
  patch: patchIn("instrumentations/pglite/patch"),
});
