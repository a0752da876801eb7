import { isAbsolute, join, sep } from "node:path";
import type { Attributes } from "@opentelemetry/api";
import { ATTR_CODE_FILE_PATH, ATTR_CODE_FUNCTION_NAME, ATTR_CODE_LINE_NUMBER } from "../../semconv/index.ts";
import { FOLDER } from "../runtime/package-root.ts";
import { pathOf, shownPath } from "../runtime/relative-path.ts";

/** Maximum number of frames that are read: about ten are ours, and a query builder can add dozens. */
const MAX_FRAMES = 100;

/** Maximum frames that are read to find a module, which is close. */
const MAX_CALLERS = 16;

/** Folders of our own code. */
const OWN = ["src", "instrumentations"].map((folder) => join(FOLDER, folder, sep));

const PACKAGES = `${sep}node_modules${sep}`;

/** Drivers and query builders, by package or scope: calls pass through them, but do not originate there. */
const BETWEEN: ReadonlySet<string> = new Set(
  `better-sqlite3 @mikro-orm @prisma @sequelize drizzle-orm kysely knex objection sequelize sequelize-typescript typeorm
  bookshelf tarn generic-pool sqlite db0 keyv @keyv`.split(/\s+/),
);

/** Location in code. */
interface CallSite {
  /** Relative to the working directory, or to the `node_modules` folder. */
  readonly path: string;
  readonly site: NodeJS.CallSite;
}

/**
 * Finds the call site in the application of the call that is on the stack, also after an `await`: the innermost frame
 * that belongs neither to a package nor to Node.js nor to us. If the application is a package itself, it is the
 * innermost frame that belongs to no driver or query builder. Returns no attributes if there is none. Reading the stack
 * takes about 20 µs, so it is done for events only.
 */
export function callSite(): Attributes {
  const found = placeIn(callSites(callSite));
  if (found === undefined) return {};
  const { path, site } = found;
  const attributes: Attributes = { [ATTR_CODE_FILE_PATH]: path, [ATTR_CODE_LINE_NUMBER]: site.getLineNumber() ?? 0 };
  const name = site.getFunctionName();
  if (name !== null && name !== "") attributes[ATTR_CODE_FUNCTION_NAME] = name;
  return attributes;
}

/**
 * Finds the module that the call on the stack comes from: the file of the innermost frame that belongs neither to
 * Node.js nor to us nor to one of the packages, or its package. Returns undefined if there is none.
 */
export function callingModule(packages: ReadonlySet<string>): string | undefined {
  for (const site of callSites(callingModule, MAX_CALLERS)) {
    const file = pathOf(site.getFileName() ?? "");
    if (!isAbsolute(file) || OWN.some((folder) => file.startsWith(folder))) continue;
    const at = file.lastIndexOf(PACKAGES);
    if (at < 0) return shownPath(file);
    const [scope, name] = file.slice(at + PACKAGES.length).split(sep, 2) as [string, string];
    const found = scope.startsWith("@") ? `${scope}/${name}` : scope;
    if (!packages.has(found)) return found;
  }
  return undefined;
}

function placeIn(sites: readonly NodeJS.CallSite[]): CallSite | undefined {
  let packaged: CallSite | undefined;
  for (const site of sites) {
    // Code created by `eval` and internal code of Node.js have no file.
    const file = pathOf(site.getFileName() ?? "");
    if (!isAbsolute(file) || OWN.some((folder) => file.startsWith(folder))) continue;
    const at = file.lastIndexOf(PACKAGES);
    if (at < 0) return { path: shownPath(file), site };
    const path = file.slice(at + PACKAGES.length);
    const [scope] = path.split(sep, 1) as [string];
    if (packaged === undefined && !BETWEEN.has(scope)) packaged = { path, site };
  }
  return packaged;
}

/** Reads the stack below a function including asynchronous frames, which `util.getCallSites()` leaves out. */
function callSites(below: Function, frames: number = MAX_FRAMES): readonly NodeJS.CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Error.prepareStackTrace = (_, sites) => sites;
    Error.stackTraceLimit = frames;
    Error.captureStackTrace(holder, below);
    return Array.isArray(holder.stack) ? (holder.stack as NodeJS.CallSite[]) : [];
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    if (prepareStackTrace === undefined) Reflect.deleteProperty(Error, "prepareStackTrace");
    else Error.prepareStackTrace = prepareStackTrace;
  }
}
