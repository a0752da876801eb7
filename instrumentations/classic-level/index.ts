import { defineInstrumentation, patchIn, type Instrumentation } from "../../src/instrument/definition.ts";

/** Engine for classic-level, and for level, which is the same class: LevelDB, asynchronous but for `getSync`. */
export const classicLevel: Instrumentation = defineInstrumentation({
  id: "classic-level",
  modules: [{ name: "classic-level", file: "index.js", versions: ["2.0.0", "4.0.0"] }],
  layers: ["operation", "wal", "snapshot", "compaction"],
  patch: patchIn("instrumentations/classic-level/patch"),
});
