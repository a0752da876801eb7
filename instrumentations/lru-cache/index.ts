import { defineInstrumentation, type Instrumentation } from "../../src/instrument/definition.ts";
import { patch } from "./patch.ts";

const VERSIONS = ["11.3.0", "12.0.0"] as const;

/** Engine for lru-cache: caches in memory that report their lookups by a diagnostics channel. */
export const lruCache: Instrumentation = defineInstrumentation({
  id: "lru-cache",
  // A copy for `require` and one for `import`; since 11.3.6 those for Node.js are apart.
  modules: ["commonjs", "esm", "commonjs/node", "esm/node"].map((folder) => ({
    name: "lru-cache",
    file: `dist/${folder}/index.min.js`,
    versions: VERSIONS,
  })),
  layers: ["cache"],
  patch,
});
