import { basename, isAbsolute, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { getCallSites } from "node:util";
import type { Attributes } from "@opentelemetry/api";
import { ATTR_CODE_FILE_PATH, ATTR_CODE_FUNCTION_NAME, ATTR_CODE_LINE_NUMBER } from "../../semconv/index.ts";
import { FOLDER } from "../folder.ts";

/** Frames read: ours are some ten, and a query builder can have dozens. */
const FRAMES = 100;

/** Where our own code lies. */
const OWN = ["src", "instrumentations"].map((folder) => join(FOLDER, folder, sep));

const PACKAGES = `${sep}node_modules${sep}`;

/**
 * Where the application made the call that is on the stack: the innermost frame that is neither of a package nor
 * of Node.js nor ours. No attributes if there is none. Reading the stack takes some 20 us, so it is for events alone.
 */
export function callSite(): Attributes {
  for (const { scriptName, lineNumber, functionName } of getCallSites(FRAMES)) {
    const file = applicationFile(scriptName);
    if (file === undefined) continue;
    const site: Attributes = { [ATTR_CODE_FILE_PATH]: shown(file), [ATTR_CODE_LINE_NUMBER]: lineNumber };
    if (functionName !== "") site[ATTR_CODE_FUNCTION_NAME] = functionName;
    return site;
  }
  return {};
}

/** ES modules are named by their URL, CommonJS by the path; what was made by `eval` or is part of Node.js, by neither. */
function applicationFile(script: string): string | undefined {
  const file = script.startsWith("file:") ? fileURLToPath(script) : script;
  if (!isAbsolute(file) || file.includes(PACKAGES) || OWN.some((folder) => file.startsWith(folder))) return undefined;
  return file;
}

/** Where the application lies on the machine is nobody's business: relative to its working directory, or the name alone. */
function shown(file: string): string {
  const folder = process.cwd();
  // Relative to a root, a path is as good as absolute.
  const isRoot = basename(folder) === "";
  const path = relative(folder, file);
  const isInside = !isRoot && !isAbsolute(path) && path !== ".." && !path.startsWith(`..${sep}`);
  return isInside ? path.replaceAll(sep, "/") : basename(file);
}
