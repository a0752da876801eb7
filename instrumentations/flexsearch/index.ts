import { defineInstrumentation, patchIn, type Instrumentation } from "../../src/instrument/definition.ts";

/** Its bundles for `require` and for `import`, which were called `.js` before 0.8.212. */
const FILES = ["min", "debug"].flatMap((kind) => [
  `dist/flexsearch.bundle.${kind}.js`,
  `dist/flexsearch.bundle.module.${kind}.mjs`,
  `dist/flexsearch.bundle.module.${kind}.js`,
]);

/** Engine for flexsearch: full-text search in memory, which takes less than a microsecond. */
export const flexsearch: Instrumentation = defineInstrumentation({
  id: "flexsearch",
  modules: FILES.map((file) => ({ name: "flexsearch", file, versions: ["0.8.0", "0.9.0"] })),
  layers: ["snapshot", "search"],
  patch: patchIn("instrumentations/flexsearch/patch"),
});
