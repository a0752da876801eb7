import { closeSync, constants, fstatSync, openSync, readFileSync, unlinkSync, type Stats } from "node:fs";

/** Numeric id of the user; undefined where the system has none. */
export const USER = process.getuid?.();

/** Flags that neither follow a link nor wait for the other end of a pipe. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** File opened for reading. */
export interface OpenFile {
  readonly descriptor: number;
  readonly stats: Stats;
}

/** Tells whether a file is a regular file of this user that other users cannot access. */
export function isPrivate(stats: Stats): boolean {
  if (!stats.isFile()) return false;
  return USER === undefined || (stats.uid === USER && (stats.mode & 0o077) === 0);
}

/**
 * Opens a file that only this user can access and passes it to `work`. Checks the opened file itself, whatever the path
 * named before. Throws if it is anything else.
 */
export function withPrivateFile<T>(path: string, work: (file: OpenFile) => T): T {
  const descriptor = openSync(path, OPEN_FLAGS);
  try {
    const stats = fstatSync(descriptor);
    if (!isPrivate(stats)) throw new Error(`${path} is not a file of this user's alone`);
    return work({ descriptor, stats });
  } finally {
    closeSync(descriptor);
  }
}

/** Reads a file that only this user can access. Throws if it is longer than `maxBytes`. */
export function readPrivate(path: string, maxBytes: number): Buffer {
  return withPrivateFile(path, ({ descriptor, stats }) => {
    if (stats.size > maxBytes) throw new Error(`${path} is longer than ${maxBytes} bytes`);
    return readFileSync(descriptor);
  });
}

export function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // The file is gone, or cannot be removed; neither concerns the application.
  }
}
