import { createRequire } from "node:module";
import { extname, join } from "node:path";
import { FOLDER } from "./package-root.ts";

const require = createRequire(import.meta.filename);
/** `.ts` from the source, `.cjs` once built. */
const extension = extname(import.meta.filename);

/**
 * Loads a module of ours when it is first needed: what is not used costs nothing at start-up. Not `import()`, whose
 * promise would let the application start before we are ready, and would come too late for what has to be written while
 * the process ends.
 *
 * The build makes such a module a file of its own with all it imports, but for what the core holds.
 * @param path its path below the folder of the package, without its extension
 */
export function loadChunk<T>(path: string): T {
  return require(join(FOLDER, `${path}${extension}`)) as T;
}

/**
 * Loads what answers requests, checks health and evaluates alerts: together, as these share what they know.
 * @template T what of it is used
 */
export const adminChunk = <T>(): T => loadChunk<{ readonly admin: T }>("src/admin/index").admin;
