import { defineInstrumentation, patchIn, type Instrumentation } from "../../src/instrument/definition.ts";

/** Engine for hnswlib-node: nearest neighbours of vectors in memory. */
export const hnswlibNode: Instrumentation = defineInstrumentation({
  id: "hnswlib-node",
  modules: [{ name: "hnswlib-node", file: "lib/index.js", versions: ["3.0.0", "4.0.0"] }],
  layers: ["operation", "snapshot", "search"],
  patch: patchIn("instrumentations/hnswlib-node/patch"),
});
