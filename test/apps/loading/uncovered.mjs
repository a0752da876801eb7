// Loads engines that are not covered, and a package that has a name like one.
import { createRequire } from "node:module";

await import("./lib/node_modules/@lancedb/lancedb/dist/index.js");
const require = createRequire(import.meta.url);
for (const file of ["sqlite3/lib/sqlite3", "sqlite3/lib/trace", "sqlite3-types"]) require(`./lib/node_modules/${file}`);
