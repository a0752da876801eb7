// Says how many copies of a class the ways to the package lead to, and how often its core was loaded.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { EngineInstrumentation } from "stratascope";

const require = createRequire(import.meta.url);
const core = fileURLToPath(new URL("core.cjs", import.meta.resolve("stratascope")));
const required = ["stratascope", core].map((name) => require(name).EngineInstrumentation);
const copies = new Set([EngineInstrumentation, ...required]);
console.log(copies.size, Object.keys(require.cache).filter((path) => path.endsWith("core.cjs")).length);
