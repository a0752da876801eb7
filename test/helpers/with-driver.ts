/** Preloaded into a run of tests: who loads better-sqlite3 gets the version of `BETTER_SQLITE3`, not the one the tests depend on. */
import { registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DRIVER, folderOf } from "./drivers.ts";

const parentURL = pathToFileURL(join(folderOf(DRIVER!), "index.js")).href;

registerHooks({
  resolve(specifier, context, nextResolve) {
    const isDriver = /^better-sqlite3(\/|$)/.test(specifier);
    return nextResolve(specifier, isDriver ? { ...context, parentURL } : context);
  },
});
