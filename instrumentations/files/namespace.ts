import { basename, extname } from "node:path";
import { shownPath } from "../../src/runtime/relative-path.ts";
import { claimName } from "../../src/instrument/thread-claims.ts";
import { BoundedMap } from "./bounded-map.ts";

/** Maximum number of files whose names are cached. */
const MAX_FILES = 2_048;

/** Maximum number of characters of a name. */
const MAX_NAME = 255;

const names = new BoundedMap<string, string>(MAX_FILES);
/** Files that have names in this thread, used if the table shared by all threads is full. */
const owners = new BoundedMap<string, string>(MAX_FILES);

/**
 * Returns the `db.namespace` of a database. It is the name of the file or, if another file has that name already, the
 * shortest unused path below the working directory. It stays the same however often the file is opened, in all threads.
 * The folders of files outside the working directory are not revealed, so files there with the same name share one
 * namespace.
 */
export function namespaceOf(path: string | undefined): string {
  if (path === undefined) return "memory";
  return names.get(path) ?? names.set(path, choose(path));
}

function choose(path: string): string {
  const possible = possibleNames(path);
  return possible.find((name) => isFree(name, path)) ?? possible[0]!;
}

function isFree(name: string, path: string): boolean {
  const owner = owners.get(name);
  if (owner !== undefined) return owner === path;
  return claimName(name, path) && owners.set(name, path) === path;
}

/** Returns the candidate names, shortest first; the last one includes the extension of the file. */
function possibleNames(path: string): string[] {
  const file = basename(path);
  const stem = file.slice(0, file.length - extname(file).length) || "temporary";
  const folders = shown(path).split("/").slice(0, -1);
  const paths = folders.map((_, i) => `${folders.slice(-1 - i).join("/")}/`);
  const longer = [...paths.map((folder) => folder + stem), `${paths.at(-1) ?? ""}${file}`];
  return [stem, ...longer.filter((name) => name.length <= MAX_NAME)];
}

/** Returns the path below the working directory, or else the file name alone. */
function shown(path: string): string {
  try {
    return shownPath(path);
  } catch {
    // The working directory was removed.
    return basename(path);
  }
}
