import { statSync, type BigIntStats } from "node:fs";

/**
 * `stat` only: opening a file of the engine and closing it again would drop the engine's own locks. What cannot be
 * reached any more, as privileges were dropped or a file system went away, is as if it were not there.
 */
function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false, bigint: true });
  } catch {
    return undefined;
  }
}

/** What tells a file from another one that takes its name; undefined for a file that is not there. */
export function identityOf(path: string): string | undefined {
  const stats = statOf(path);
  return stats && `${stats.dev}:${stats.ino}`;
}

const numberOf = (value: bigint | undefined): number | undefined => (value === undefined ? undefined : Number(value));

/** In bytes; undefined for a file that is not there. */
export const sizeOf = (path: string): number | undefined => numberOf(statOf(path)?.size);

/** In milliseconds of Unix time; undefined for a file that is not there. */
export const modifiedAt = (path: string): number | undefined => {
  const modified = statOf(path)?.mtimeNs;
  return modified === undefined ? undefined : Number(modified) / 1e6;
};

/** Whether a database has a write-ahead log at the moment. */
export const hasLog = (path: string): boolean => sizeOf(`${path}-wal`) !== undefined;
