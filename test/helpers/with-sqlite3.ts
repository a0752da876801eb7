/** Preload of an example: sqlite3 is loaded from where the tests have built it. */
import { createRequire, registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { sqlite3Folder, SQLITE3_VERSION } from "./drivers.ts";

const { resolve } = createRequire(join(sqlite3Folder(SQLITE3_VERSION), "index.js"));
let isResolving = false;

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (isResolving || specifier !== "sqlite3") return nextResolve(specifier, context);
    isResolving = true;
    try {
      return { url: pathToFileURL(resolve(specifier)).href, shortCircuit: true };
    } finally {
      isResolving = false;
    }
  },
});
