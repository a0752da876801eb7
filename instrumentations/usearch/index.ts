import { defineInstrumentation, patchIn, type Instrumentation } from "../../src/instrument/definition.ts";

/** Engine for usearch: nearest neighbours of vectors in memory, or in a mapped file. */
export const usearch: Instrumentation = defineInstrumentation({
  id: "usearch",
  // A copy for `require` and one for `import`.
  modules: ["cjs", "esm"].map((format) => ({
    name: "usearch",
    file: `javascript/dist/${format}/usearch.js`,
    versions: ["2.16.0", "3.0.0"],
  })),
  layers: ["operation", "snapshot", "search"],
  patch: patchIn("instrumentations/usearch/patch"),
});
