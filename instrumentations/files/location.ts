import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { identityOf } from "./file-stat.ts";

/** Location of a database file, as it was when the file was opened. */
export interface Location {
  /** Absolute, without links: SQLite keeps the log beside the actual file. */
  readonly path: string;
  /** Identity of the file, distinct from that of another file at the same path; the path alone if there was no file. */
  readonly file: string;
}

/**
 * Resolves the location of a file that was just opened, from a name as SQLite interprets it: relative to the working
 * directory, and as a URI if it was built to support them. Never throws.
 */
export function locate(name: string): Location {
  const paths = name.startsWith("file:") ? [absolute(name), absolute(pathOfUri(name))] : [absolute(name)];
  const path = withoutLinks(paths.find((each) => identityOf(each) !== undefined) ?? paths[0]!);
  return { path, file: fileAt(path) };
}

/** Returns the identity of the file that is currently at a path. */
export const fileAt = (path: string): string => `${path}\0${identityOf(path) ?? ""}`;

function absolute(name: string): string {
  try {
    return resolve(name);
  } catch {
    // The working directory was removed.
    return name;
  }
}

/** Returns the path of a URI: `file:data/a.db?mode=ro` → `data/a.db`. */
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
