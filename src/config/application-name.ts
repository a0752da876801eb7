import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, parse, resolve } from "node:path";
import type { ManagedApplication } from "../runtime/process-manager.ts";

/** How a process was started, as far as it says whose it is. */
export interface Start {
  /** The executable: that of Node.js, or an application in one file. */
  readonly executable: string;
  /** The script, if Node.js was given one. */
  readonly script: string | undefined;
  /** What follows the script. */
  readonly args: readonly string[];
  readonly cwd: string | undefined;
  readonly managed: ManagedApplication;
}

/**
 * Names the application, not the tool that runs it: by the package around its script; by the package of the working
 * directory where the script is that of a tool, which is to be found in `node_modules`, or there is none.
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

/** The name that Nitro gives to what it builds of any application. */
const BUILDER = /^nitro-(prod|output)$/;

const SCRIPT = /\.[cm]?[jt]sx?$/;

/** Whether a path is a script that a tool was given to run. */
function isScript(path: string): boolean {
  try {
    return SCRIPT.test(path) && statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Where a path leads: a command is a link into a package. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** The name in the nearest package.json above a script that has one; not that of a package of others, nor of a builder. */
function packageNameAt(script: string): string | undefined {
  let built: string | undefined;
  for (let folder = dirname(script); ; folder = dirname(folder)) {
    const name = isInstalled(`${folder}/`) ? undefined : nameIn(folder);
    if (name !== undefined && !BUILDER.test(name)) {
      if (!OUTPUT.test(folder)) return name;
      built ??= name;
    }
    // Where the output alone was deployed, what it is called there is all there is.
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
