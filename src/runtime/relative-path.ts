import { basename, isAbsolute, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The path of a script, which ES modules are named by as a URL and CommonJS as it is. */
export const pathOf = (script: string): string => (script.startsWith("file:") ? fileURLToPath(script) : script);

/** Where the application lies on the machine is nobody's business: relative to its working directory, or the name alone. */
export function shownPath(file: string): string {
  const folder = process.cwd();
  // Relative to a root, a path is as good as absolute.
  const isRoot = basename(folder) === "";
  const path = relative(folder, file);
  const isInside = !isRoot && !isAbsolute(path) && path !== ".." && !path.startsWith(`..${sep}`);
  return isInside ? path.replaceAll(sep, "/") : basename(file);
}
