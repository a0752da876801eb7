import { cpSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative } from "node:path";
import { packagesOf } from "./drivers.ts";

/**
 * Copies a package with its dependencies, to be loaded with prototypes and native code of its own.
 * @returns the file to load
 */
export function copyPackage(name: string, copy: string): string {
  const filter = (path: string): boolean => !/\/(deps|src|obj\.target)$/.test(path);
  let entry = "";
  for (const [module, folder] of packagesOf(name)) {
    cpSync(folder, module === name ? copy : join(copy, "node_modules", module), { recursive: true, filter });
    if (module === name) entry = relative(folder, createRequire(join(folder, "package.json")).resolve(name));
  }
  return join(copy, entry);
}
