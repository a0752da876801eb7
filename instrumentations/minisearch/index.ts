import { defineInstrumentation, patchIn, type Instrumentation } from "../../src/instrument/definition.ts";

/** Engine for minisearch: full-text search in memory. */
export const minisearch: Instrumentation = defineInstrumentation({
  id: "minisearch",
  // A copy for `require` and one for `import`.
  modules: ["dist/cjs/index.cjs", "dist/es/index.js"].map((file) => ({
    name: "minisearch",
    file,
    versions: ["6.0.0", "8.0.0"],
  })),
  layers: ["operation", "snapshot", "compaction", "search"],
  patch: patchIn("instrumentations/minisearch/patch"),
});
