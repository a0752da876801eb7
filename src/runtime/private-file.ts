import { closeSync, constants, fstatSync, openSync, readFileSync, unlinkSync, type Stats } from "node:fs";

/** Undefined where the system has no numbers for users. */
export const USER = process.getuid?.();

/** Neither follows a link, nor waits for the other end of a pipe. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A file opened for reading. */
export interface OpenFile {
  readonly descriptor: number;
  readonly stats: Stats;
}

/** Tells whether a file is a regular one of this user's, and closed to others. */
export function isPrivate(stats: Stats): boolean {
  if (!stats.isFile()) return false;
  return USER === undefined || (stats.uid === USER && (stats.mode & 0o077) === 0);
}

/** Works on a file of this user's alone; throws where it is anything else, whatever it was a moment before. */
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

/** Reads a file of this user's alone. */
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
    // It is gone, or cannot be removed; neither is of concern to the application.
  }
}
