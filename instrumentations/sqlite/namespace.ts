import { basename, extname } from "node:path";
import { shownPath } from "../../src/runtime/relative-path.ts";
import { claimName } from "../../src/instrument/thread-claims.ts";
import { BoundedMap } from "./bounded-map.ts";

/** Files of which the names are remembered. */
const MAX_FILES = 2_048;

/** Characters of a name. */
const MAX_NAME = 255;

const names = new BoundedMap<string, string>(MAX_FILES);
/** The files that have names here, for where there is no room among those of all threads. */
const owners = new BoundedMap<string, string>(MAX_FILES);

/**
 * Names a database: `db.namespace`. It is the name of the file, and where another file has that already, the shortest path
 * below the working directory that none has. It stays the same however often the file is opened, in all threads. Of what
 * lies elsewhere no folder is shown, so those of one name are told as one.
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

/** The shortest first; at last with what the name of the file ends with. */
function possibleNames(path: string): string[] {
  const file = basename(path);
  const stem = file.slice(0, file.length - extname(file).length) || "temporary";
  const folders = shown(path).split("/").slice(0, -1);
  const paths = folders.map((_, i) => `${folders.slice(-1 - i).join("/")}/`);
  const longer = [...paths.map((folder) => folder + stem), `${paths.at(-1) ?? ""}${file}`];
  return [stem, ...longer.filter((name) => name.length <= MAX_NAME)];
}

/** The path below the working directory, or the name alone. */
function shown(path: string): string {
  try {
    return shownPath(path);
  } catch {
    // The working directory was removed.
    return basename(path);
  }
}
