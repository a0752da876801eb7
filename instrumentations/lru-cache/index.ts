import { defineInstrumentation, type Instrumentation } from "../../src/instrument/definition.ts";
import { patch } from "./patch.ts";

/** Engine for lru-cache: caches in memory that report their lookups by a diagnostics channel. */
export const lruCache: Instrumentation = defineInstrumentation({
  id: "lru-cache",
  // A copy for `require` and one for `import`. Since 11.3.6 Node.js has copies of its own, and the others have no channel.
  modules: ["commonjs", "esm"].flatMap((format) => [
    { name: "lru-cache", file: `dist/${format}/node/index.min.js`, versions: ["11.3.6", "12.0.0"] as const },
    { name: "lru-cache", file: `dist/${format}/index.min.js`, versions: ["11.3.0", "11.3.6"] as const },
  ]),
  layers: ["cache"],
  patch,
});
