import { createRequire } from "node:module";
import { extname } from "node:path";

const require = createRequire(import.meta.url);
/** `.ts` from the source, `.js` once built. */
const extension = extname(import.meta.filename);

/**
 * A module of this folder, loaded when it is first needed: an exporter nobody selected costs nothing at
 * start-up. Not `import()`, whose promise would let the application start before we are ready.
 */
export function loadNow<T>(name: string): T {
  return require(`./${name}${extension}`) as T;
}
