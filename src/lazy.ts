import { createRequire } from "node:module";
import { extname } from "node:path";

const require = createRequire(import.meta.filename);
/** `.ts` from the source, `.cjs` once built. */
const extension = extname(import.meta.filename);

/**
 * A module of ours by its path from here, loaded when it is first needed: what nobody uses costs nothing at
 * start-up. Not `import()`, whose promise would let the application start before we are ready, and would come too
 * late for what has to be written while the process ends.
 *
 * Such a module is built into a file of its own with all it imports, but for what the core holds.
 */
export function loadNow<T>(path: string): T {
  return require(`./${path}${extension}`) as T;
}

/** What `late.ts` holds. */
export const late = (): typeof import("./late.ts") => loadNow("late");
