import { basename, isAbsolute, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** Returns the path of a script: ES modules are named by a URL, CommonJS modules by a path. */
export const pathOf = (script: string): string => (script.startsWith("file:") ? fileURLToPath(script) : script);

/**
 * Returns a path relative to the working directory, or the base name of a file outside of it. The location of the
 * application on the machine is private.
 */
export function shownPath(file: string): string {
  const folder = process.cwd();
  // A path relative to a root reveals as much as an absolute one.
  const isRoot = basename(folder) === "";
  const path = relative(folder, file);
  const isInside = !isRoot && !isAbsolute(path) && path !== ".." && !path.startsWith(`..${sep}`);
  return isInside ? path.replaceAll(sep, "/") : basename(file);
}
