import { isAbsolute, join, sep } from "node:path";
import { getCallSites } from "node:util";
import type { Attributes } from "@opentelemetry/api";
import { ATTR_CODE_FILE_PATH, ATTR_CODE_FUNCTION_NAME, ATTR_CODE_LINE_NUMBER } from "../../semconv/index.ts";
import { FOLDER } from "../folder.ts";
import { pathOf, shownPath } from "../shown-path.ts";

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
    const site: Attributes = { [ATTR_CODE_FILE_PATH]: shownPath(file), [ATTR_CODE_LINE_NUMBER]: lineNumber };
    if (functionName !== "") site[ATTR_CODE_FUNCTION_NAME] = functionName;
    return site;
  }
  return {};
}

/** What was made by `eval` or is part of Node.js has no file. */
function applicationFile(script: string): string | undefined {
  const file = pathOf(script);
  if (!isAbsolute(file) || file.includes(PACKAGES) || OWN.some((folder) => file.startsWith(folder))) return undefined;
  return file;
}
