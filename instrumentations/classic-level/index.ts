import { defineInstrumentation, type Instrumentation } from "../../src/instrument/definition.ts";
import { patch } from "./patch.ts";

/** Engine for classic-level, and for level, which is the same class: LevelDB, asynchronous but for `getSync`. */
export const classicLevel: Instrumentation = defineInstrumentation({
  id: "classic-level",
  modules: [{ name: "classic-level", file: "index.js", versions: ["2.0.0", "4.0.0"] }],
  layers: ["operation", "wal", "snapshot", "compaction"],
  patch,
});
