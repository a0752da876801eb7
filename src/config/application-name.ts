import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, parse, resolve } from "node:path";
import type { ManagedApplication } from "../runtime/process-manager.ts";

/** Command line and environment of a process, as far as they identify the application. */
export interface Start {
  /** Executable: that of Node.js, or an application in one file. */
  readonly executable: string;
  /** Script, if Node.js was given one. */
  readonly script: string | undefined;
  /** Arguments after the script. */
  readonly args: readonly string[];
  readonly cwd: string | undefined;
  readonly managed: ManagedApplication;
}

/**
 * Returns the name of the application, not of the tool that runs it. Uses the package around its script. Uses the
 * package of the working directory if there is no script, or if the script belongs to a tool, which is found in
 * `node_modules`.
 */
export function applicationName({ executable, script, args, cwd = "", managed }: Start): string | undefined {
  if (managed.script !== undefined) return packageNameAt(managed.script) ?? managed.name;
  // A single executable application has its own path as its script.
  if (script === executable) return parse(executable).name;
  const own = script === undefined || !isAbsolute(script) ? undefined : realPath(script);
  if (own !== undefined && !isInstalled(own)) return packageNameAt(own);
  const run = own === undefined ? undefined : args.map((arg) => resolve(cwd, arg)).find(isScript);
  return (run && packageNameAt(run)) ?? packageNameAt(join(cwd, "script"));
}

const isInstalled = (path: string): boolean => /[/\\]node_modules[/\\]/.test(path);

/** Folders that builds write to. */
const OUTPUT = /[/\\]\.(output|next|nuxt|svelte-kit|vercel|netlify|amplify-hosting|vinxi|build)([/\\]|$)/;

/** Name that Nitro gives to the build of any application. */
const BUILDER = /^nitro-(prod|output)$/;

const SCRIPT = /\.[cm]?[jt]sx?$/;

/** Tells whether a path is a script that a tool was given to run. */
function isScript(path: string): boolean {
  try {
    return SCRIPT.test(path) && statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Resolves a path: a command is a link into a package. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/**
 * Returns the name in the nearest package.json above a script that has one. Skips the packages of others and the names
 * that build tools write.
 */
function packageNameAt(script: string): string | undefined {
  let built: string | undefined;
  for (let folder = dirname(script); ; folder = dirname(folder)) {
    const name = isInstalled(`${folder}/`) ? undefined : nameIn(folder);
    if (name !== undefined && !BUILDER.test(name)) {
      if (!OUTPUT.test(folder)) return name;
      built ??= name;
    }
    // If only the build output was deployed, its name is the only one.
    if (folder === dirname(folder)) return built;
  }
}

function nameIn(folder: string): string | undefined {
  try {
    const { name } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { name?: unknown };
    return typeof name === "string" && name !== "" ? name : undefined;
  } catch {
    return undefined;
  }
}
