import { defineInstrumentation, patchIn, type Instrumentation } from "../../src/instrument/definition.ts";

const FILES = [
  "dist/flexsearch.bundle.min.js",
  "dist/flexsearch.bundle.module.min.mjs",
  "dist/flexsearch.bundle.debug.js",
  "dist/flexsearch.bundle.module.debug.mjs",
];

/** Engine for flexsearch: full-text search in memory, which takes less than a microsecond. */
export const flexsearch: Instrumentation = defineInstrumentation({
  id: "flexsearch",
  modules: FILES.map((file) => ({ name: "flexsearch", file, versions: ["0.8.0", "0.9.0"] })),
  layers: ["snapshot", "search"],
  patch: patchIn("instrumentations/flexsearch/patch"),
});
