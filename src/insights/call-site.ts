import { isAbsolute, join, sep } from "node:path";
import type { Attributes } from "@opentelemetry/api";
import { ATTR_CODE_FILE_PATH, ATTR_CODE_FUNCTION_NAME, ATTR_CODE_LINE_NUMBER } from "../../semconv/index.ts";
import { FOLDER } from "../runtime/package-root.ts";
import { pathOf, shownPath } from "../runtime/relative-path.ts";

/** Frames read: ours are some ten, and a query builder can have dozens. */
const MAX_FRAMES = 100;

/** Where our own code lies. */
const OWN = ["src", "instrumentations"].map((folder) => join(FOLDER, folder, sep));

const PACKAGES = `${sep}node_modules${sep}`;

/** Drivers and query builders, by the package or its scope: a call comes through them, and from no place in them. */
const BETWEEN: ReadonlySet<string> = new Set(
  `better-sqlite3 @mikro-orm @prisma @sequelize drizzle-orm kysely knex objection sequelize sequelize-typescript typeorm
  bookshelf tarn generic-pool sqlite db0 keyv @keyv`.split(/\s+/),
);

/** A place in code. */
interface Place {
  /** Relative to the working directory, or to the folder of packages. */
  readonly path: string;
  readonly site: NodeJS.CallSite;
}

/**
 * Finds where the application made the call that is on the stack, also after an `await`: the innermost frame that is
 * neither of a package nor of Node.js nor ours. Where the application is a package itself, the innermost that is of no
 * driver and no query builder. No attributes if there is none. Reading the stack takes some 20 us, so it is for events
 * alone.
 */
export function callSite(): Attributes {
  const found = placeIn(callSites());
  if (found === undefined) return {};
  const { path, site } = found;
  const attributes: Attributes = { [ATTR_CODE_FILE_PATH]: path, [ATTR_CODE_LINE_NUMBER]: site.getLineNumber() ?? 0 };
  const name = site.getFunctionName();
  if (name !== null && name !== "") attributes[ATTR_CODE_FUNCTION_NAME] = name;
  return attributes;
}

function placeIn(sites: readonly NodeJS.CallSite[]): Place | undefined {
  let packaged: Place | undefined;
  for (const site of sites) {
    // What was made by `eval` or is part of Node.js has no file.
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

/** Reads the stack with its asynchronous frames, which `util.getCallSites()` leaves out. */
function callSites(): readonly NodeJS.CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Error.prepareStackTrace = (_, sites) => sites;
    Error.stackTraceLimit = MAX_FRAMES;
    Error.captureStackTrace(holder, callSite);
    return Array.isArray(holder.stack) ? (holder.stack as NodeJS.CallSite[]) : [];
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    if (prepareStackTrace === undefined) Reflect.deleteProperty(Error, "prepareStackTrace");
    else Error.prepareStackTrace = prepareStackTrace;
  }
}
