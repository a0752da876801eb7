// Loads engines that are not covered, and a package that has a name like one.
import { createRequire } from "node:module";

await import("./lib/node_modules/@lancedb/lancedb/dist/index.js");
const require = createRequire(import.meta.url);
for (const file of ["node-sqlite3-wasm/lib/main", "node-sqlite3-wasm/lib/trace", "node-sqlite3-wasm-types"])
  require(`./lib/node_modules/${file}`);
