import { statSync, type Stats } from "node:fs";

/** `stat` only: opening a file of the engine and closing it again would drop the engine's own locks. */
const statOf = (path: string): Stats | undefined => statSync(path, { throwIfNoEntry: false });

/** In bytes; undefined for a file that is not there. */
export const sizeOf = (path: string): number | undefined => statOf(path)?.size;

/** In milliseconds of Unix time; undefined for a file that is not there. */
export const modifiedAt = (path: string): number | undefined => statOf(path)?.mtimeMs;

/** Whether a database has a write-ahead log at the moment. */
export const hasLog = (path: string): boolean => sizeOf(`${path}-wal`) !== undefined;
