/** Preload of a test run: better-sqlite3 is loaded in the version of `BETTER_SQLITE3`, not the one the tests depend on. */
import { createRequire, registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DRIVER, folderOf } from "./drivers.ts";

const { resolve } = createRequire(join(folderOf(DRIVER!), "index.js"));
let isResolving = false;

registerHooks({
  resolve(specifier, context, nextResolve) {
    // `require` is resolved from the requiring file, whatever the context says.
    if (isResolving || !/^better-sqlite3(\/|$)/.test(specifier)) return nextResolve(specifier, context);
    isResolving = true;
    try {
      return { url: pathToFileURL(resolve(specifier)).href, shortCircuit: true };
    } finally {
      isResolving = false;
    }
  },
});
