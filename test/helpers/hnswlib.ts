import { execFileSync } from "node:child_process";
import { existsSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { CACHE } from "../../collector-config/stack/cache.ts";
import { nodeOf } from "./nodes.ts";
import { folderWith } from "./packages.ts";

/** The package, which has no compiled code on npm: its installation compiles it. */
export const HNSWLIB = "hnswlib-node";

const VERSION = "3.0.0";

/** Folder whose `node_modules` has it compiled, for every version of Node.js. */
export const HNSWLIB_FOLDER: string = join(CACHE, "packages", `${HNSWLIB}-${VERSION}-compiled`);

/**
 * Compiles the package unless that was done before. Takes about a minute of a processor.
 * @returns false if this machine has no compiler
 */
export function compileHnswlib(): boolean {
  if (existsSync(HNSWLIB_FOLDER)) return true;
  const folder = folderWith(HNSWLIB, VERSION);
  const env = { ...process.env, CXXFLAGS: "-O1", npm_config_nodedir: dirname(dirname(nodeOf("22.15.0"))) };
  try {
    execFileSync("npm", ["rebuild", "--ignore-scripts=false", HNSWLIB], { cwd: folder, env, stdio: "ignore" });
  } catch {
    rmSync(folder, { recursive: true, force: true });
    return false;
  }
  renameSync(folder, HNSWLIB_FOLDER);
  return true;
}
