import { defineInstrumentation, patchIn, type Instrumentation } from "../../src/instrument/definition.ts";

const VERSIONS = ["5.3.0", "6.0.0"] as const;

/** Engine for keyv: one interface to many stores, used as a cache. */
export const keyv: Instrumentation = defineInstrumentation({
  id: "keyv",
  modules: ["dist/index.cjs", "dist/index.js"].map((file) => ({ name: "keyv", file, versions: VERSIONS })),
  layers: ["cache"],
  patch: patchIn("instrumentations/keyv/patch"),
});
