import { defineInstrumentation, patchIn, type Instrumentation } from "../../src/instrument/definition.ts";

/** Engine for lmdb: a B+ tree in mapped memory, with one writer and many readers. Its copies share the native code. */
export const lmdb: Instrumentation = defineInstrumentation({
  id: "lmdb",
  modules: [
    { name: "lmdb", file: "dist/index.cjs", versions: ["3.0.0", "4.0.0"] },
    { name: "lmdb", file: "node-index.js", versions: ["3.0.0", "4.0.0"] },
  ],
  layers: ["operation", "transaction", "snapshot"],
  patch: patchIn("instrumentations/lmdb/patch"),
});
