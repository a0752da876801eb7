import { defineInstrumentation, patchIn, type Instrumentation } from "../../src/instrument/definition.ts";

/** Engine for lru-cache: caches in memory that report their lookups by a diagnostics channel. */
export const lruCache: Instrumentation = defineInstrumentation({
  id: "lru-cache",
  // A copy for `require` and one for `import`. Before 11.4 the channel does not say which cache was called.
  modules: ["commonjs", "esm"].map((format) => ({
    name: "lru-cache",
    file: `dist/${format}/node/index.min.js`,
    versions: ["11.4.0", "12.0.0"],
  })),
  layers: ["cache"],
  patch: patchIn("instrumentations/lru-cache/patch"),
});
