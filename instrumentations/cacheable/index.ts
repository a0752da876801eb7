import { defineInstrumentation, patchIn, type Instrumentation } from "../../src/instrument/definition.ts";

const VERSIONS = ["2.0.0", "3.0.0"] as const;

/** Engine for cacheable: a cache in memory before one that several processes share. */
export const cacheable: Instrumentation = defineInstrumentation({
  id: "cacheable",
  // Since 2.4 the file for `import` is `index.mjs`.
  modules: ["dist/index.cjs", "dist/index.js", "dist/index.mjs"].map((file) => ({
    name: "cacheable",
    file,
    versions: VERSIONS,
  })),
  layers: ["cache"],
  patch: patchIn("instrumentations/cacheable/patch"),
});
