import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CACHE } from "../../collector-config/stack/cache.ts";
import { npmInstall } from "./npm.ts";

const IS_WINDOWS = process.platform === "win32";

/** Supported versions of Node.js: the first one, and the newest of each later line. */
export const SUPPORTED = ["22.15.0", "24.21.0", "26.10.0"] as const;

/** Versions that are too old, on which an application must run unobserved. */
export const TOO_OLD = ["18.20.8", "20.19.5", "22.14.0"] as const;

/** Returns the executable of a version of Node.js, from npm. */
export function nodeOf(version: string): string {
  const folder = join(CACHE, "node", version);
  const name = `node-${IS_WINDOWS ? "win" : process.platform}-${process.arch}`;
  const executable = join(folder, "node_modules", name, IS_WINDOWS ? "bin/node.exe" : "bin/node");
  if (existsSync(executable)) return executable;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), `{"name":"node-${version}","private":true}`);
  npmInstall(folder, `${name}@${version}`);
  return executable;
}

/** Executable of the version that this repository is developed with, independent of the one that runs the tests. */
export const PINNED: string = join(import.meta.dirname, "../../node_modules/node/bin/node");
