import { realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

/** Returns the absolute path of a folder, without links as far as it exists: it may be created only now. */
export function folderAt(location: string): string {
  let path = location;
  try {
    path = resolve(location);
    return realpathSync.native(path);
  } catch {
    return withoutLinks(path);
  }
}

function withoutLinks(path: string): string {
  try {
    return join(realpathSync.native(dirname(path)), basename(path));
  } catch {
    return path;
  }
}
