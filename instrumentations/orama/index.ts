import { defineInstrumentation, patchIn, type Instrumentation } from "../../src/instrument/definition.ts";

/** Functions that are observed, by the file that declares them. */
const FUNCTIONS: Readonly<Record<string, readonly string[]>> = {
  search: ["search"],
  "search-vector": ["searchVector"],
  insert: ["insert", "insertMultiple"],
  remove: ["remove", "removeMultiple"],
  update: ["update", "updateMultiple"],
  upsert: ["upsert", "upsertMultiple"],
  serialization: ["save", "load"],
};

/** Engine for @orama/orama: full-text and vector search in memory. It has functions in place of classes. */
export const orama: Instrumentation = defineInstrumentation({
  id: "orama",
  // A copy for `require` and one for `import`.
  modules: ["commonjs", "esm"].flatMap((format) =>
    Object.entries(FUNCTIONS).map(([file, functions]) => ({
      name: "@orama/orama",
      file: `dist/${format}/methods/${file}.js`,
      versions: ["3.0.0", "4.0.0"] as const,
      functions,
    })),
  ),
  layers: ["operation", "snapshot", "search"],
  patch: patchIn("instrumentations/orama/patch"),
});
