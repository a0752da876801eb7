import { statSync, type Stats } from "node:fs";

/**
 * `stat` only: opening a file of the engine and closing it again would drop the engine's own locks. What cannot be
 * reached any more, as privileges were dropped or a file system went away, is as if it were not there.
 */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** In bytes; undefined for a file that is not there. */
export const sizeOf = (path: string): number | undefined => statOf(path)?.size;

/** In milliseconds of Unix time; undefined for a file that is not there. */
export const modifiedAt = (path: string): number | undefined => statOf(path)?.mtimeMs;

/** Whether a database has a write-ahead log at the moment. */
export const hasLog = (path: string): boolean => sizeOf(`${path}-wal`) !== undefined;
