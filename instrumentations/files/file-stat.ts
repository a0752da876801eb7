import { statSync, type BigIntStats } from "node:fs";

/**
 * Returns the status of a file. Only `stat` is used: opening and closing a file of the engine would release the
 * engine's own locks. A file that is no longer accessible, because privileges were dropped or a file system was
 * unmounted, is treated as missing.
 */
function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false, bigint: true });
  } catch {
    return undefined;
  }
}

/**
 * Returns the identity of a file, distinct from that of another file at the same path; undefined for a missing file.
 */
export function identityOf(path: string): string | undefined {
  const stats = statOf(path);
  return stats && `${stats.dev}:${stats.ino}`;
}

const numberOf = (value: bigint | undefined): number | undefined => (value === undefined ? undefined : Number(value));

/** Returns the size of a file in bytes; undefined for a missing file. */
export const sizeOf = (path: string): number | undefined => numberOf(statOf(path)?.size);

/** Returns the modification time of a file in milliseconds of Unix time; undefined for a missing file. */
export const modifiedAt = (path: string): number | undefined => {
  const modified = statOf(path)?.mtimeNs;
  return modified === undefined ? undefined : Number(modified) / 1e6;
};

/** Tells whether a database of SQLite currently has a write-ahead log. */
export const hasLog = (path: string): boolean => sizeOf(`${path}-wal`) !== undefined;
