import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CACHE } from "../../collector-config/stack/cache.ts";
import { nodeOf } from "./nodes.ts";

const ROOT = join(import.meta.dirname, "../..");

/** The older versions of better-sqlite3 that the tests run with, beside the one they depend on. */
export const OLDER_DRIVERS = ["12.11.1", "11.10.0"] as const;

/**
 * The versions whose headers addons are compiled with, by the major version of Node.js: with those of 24.19 and later,
 * closed databases of better-sqlite3 11 and 12 abort the process when they are collected.
 */
const HEADERS: Readonly<Record<string, string>> = { 22: "22.15.0", 24: "24.11.1", 26: "26.10.0" };

const majorOf = (node: string): string => node.split(".", 1)[0]!;

/** The folder whose `node_modules` has a version of better-sqlite3 in it, for a version of Node.js. */
export const folderOf = (driver: string, node: string = process.versions.node): string =>
  join(CACHE, "better-sqlite3", `${driver}-node-${majorOf(node)}-${process.platform}-${process.arch}`);

export const isBuilt = (driver: string, node?: string): boolean => existsSync(folderOf(driver, node));

/**
 * Builds a version of better-sqlite3 where it has not been before: no registry has what its releases have prebuilt. Takes
 * about a minute of a processor.
 */
export function build(driver: string, node: string = process.versions.node): void {
  if (isBuilt(driver, node)) return;
  const folder = folderOf(driver, node);
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  try {
    writeFileSync(join(unfinished, "package.json"), `{"name":"with-better-sqlite3","private":true}`);
    const install = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
    npm(unfinished, [...install, `better-sqlite3@${driver}`]);
    const nodedir = dirname(dirname(nodeOf(HEADERS[majorOf(node)]!)));
    const quick = { CFLAGS: "-O1", CXXFLAGS: "-O1", npm_config_nodedir: nodedir };
    npm(join(unfinished, "node_modules/better-sqlite3"), ["run", "build-release"], quick);
    if (!isBuilt(driver, node)) renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

function npm(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): void {
  const PATH = `${join(ROOT, "node_modules/.bin")}:${process.env["PATH"]}`;
  execFileSync("npm", args, { cwd, env: { ...process.env, PATH, ...env }, stdio: ["ignore", "ignore", "pipe"] });
}

/** The version of better-sqlite3 these tests run with; undefined for the one they depend on. */
export const DRIVER: string | undefined = process.env["BETTER_SQLITE3"];

/** The folder of a package, and those of the packages it needs that are not built into it. */
export function packagesOf(name: string): [name: string, folder: string][] {
  const driver = name === "better-sqlite3" ? DRIVER : undefined;
  const folder = join(driver === undefined ? ROOT : folderOf(driver), "node_modules");
  const needed = driver === undefined ? [] : ["bindings", "file-uri-to-path"];
  return [name, ...needed].map((each) => [each, join(folder, each)]);
}

if (process.argv[1] === import.meta.filename) for (const driver of OLDER_DRIVERS) build(driver);
