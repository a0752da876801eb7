import { createRequire } from "node:module";
import { extname } from "node:path";

const require = createRequire(import.meta.filename);
/** Extension of our modules: `.ts` in the sources, `.cjs` in a build. */
const extension = extname(import.meta.filename);
/** The folder of the package from here, relative: not every loader of packages in archives takes an absolute path. */
const ROOT = extension === ".ts" ? "../../" : "../";

/**
 * Loads one of our modules on first use, so that an unused module costs nothing at start-up. Not with `import()`: the
 * application could start before its promise resolves, and a promise resolves too late for what is written while the
 * process exits.
 *
 * The build bundles such a module and its imports into a file of its own, except for what the core contains.
 * @param path path below the package root, without an extension
 */
export function loadChunk<T>(path: string): T {
  return require(`${ROOT}${path}${extension}`) as T;
}

/**
 * Loads the admin chunk, which answers requests, checks health and evaluates alerts. These are one chunk because they
 * share state.
 * @template T part of the chunk that the caller uses
 */
export const adminChunk = <T>(): T => loadChunk<{ readonly admin: T }>("src/admin/index").admin;
