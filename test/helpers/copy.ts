import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { packagesOf } from "./drivers.ts";

/** Packages of native code that are too large to copy, and that nothing is patched in. */
const LINKED = /^@duckdb\/node-bindings/;

const OTHER_PLATFORMS = ["android", "darwin", "ios", "linux", "win32"].filter((name) => name !== process.platform);

/** What is not needed to run a package here. */
const UNUSED = new RegExp(String.raw`/(?:deps|src|obj\.target)$|/prebuilds/(?:${OTHER_PLATFORMS.join("|")})-|\.bare$`);

/**
 * Copies a package with its dependencies, to be loaded with prototypes and native code of its own.
 * @returns the file to load
 */
export function copyPackage(name: string, copy: string): string {
  let entry = "";
  for (const [module, folder] of packagesOf(name)) {
    const path = module === name ? copy : join(copy, "node_modules", module);
    if (LINKED.test(module)) link(folder, path);
    else cpSync(folder, path, { recursive: true, filter: (file) => !UNUSED.test(file) });
    if (module === name) entry = relative(folder, createRequire(join(folder, "package.json")).resolve(name));
  }
  return join(copy, entry);
}

function link(folder: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(folder, path, "junction");
}
