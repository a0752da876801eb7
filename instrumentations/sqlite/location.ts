import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { identityOf } from "./file-stat.ts";

/** Where the file of a database is, as it was when it was opened. */
export interface Location {
  /** Absolute, without links: SQLite keeps the log beside the file itself. */
  readonly path: string;
  /** What tells the file from another one that takes its name; the path alone where there was no file. */
  readonly file: string;
}

/**
 * Finds where a file is that was opened just now, by a name as SQLite takes it: relative to the working directory, and as a
 * URI where it was built for that. Never throws.
 */
export function locate(name: string): Location {
  const paths = name.startsWith("file:") ? [absolute(name), absolute(pathOfUri(name))] : [absolute(name)];
  const path = withoutLinks(paths.find((each) => identityOf(each) !== undefined) ?? paths[0]!);
  return { path, file: fileAt(path) };
}

/** What tells the file that is at a path at the moment from others. */
export const fileAt = (path: string): string => `${path}\0${identityOf(path) ?? ""}`;

function absolute(name: string): string {
  try {
    return resolve(name);
  } catch {
    // The working directory was removed.
    return name;
  }
}

/** `file:data/a.db?mode=ro` → `data/a.db` */
function pathOfUri(name: string): string {
  const path = name
    .slice("file:".length)
    .split(/[?#]/, 1)[0]!
    .replace(/^\/\/(?:localhost)?(?=\/)/, "");
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function withoutLinks(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}
