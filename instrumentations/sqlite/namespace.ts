import { basename, extname } from "node:path";

/** `db.namespace`: the name of the file, never where it is. */
export function namespaceOf(path: string | undefined): string {
  if (path === undefined) return "memory";
  const file = basename(path);
  return file.slice(0, file.length - extname(file).length) || "temporary";
}
