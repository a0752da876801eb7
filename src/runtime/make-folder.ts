import { mkdirSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Creates a folder that only this user can access, and its missing parents. Does not use the option `recursive`, with
 * which Node.js never returns where the system reports an existing folder as missing, such as in `/proc`.
 */
export function makeFolder(path: string, hasParent = false): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || hasParent || dirname(path) === path) throw error;
    makeFolder(dirname(path));
    makeFolder(path, true);
  }
}
