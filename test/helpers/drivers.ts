import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Context } from "mocha";
import { CACHE } from "../../collector-config/stack/cache.ts";
import { nodeOf } from "./nodes.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Older versions of better-sqlite3 that the tests run with, beside the one they depend on. */
export const OLDER_DRIVERS = ["12.11.1", "11.10.0"] as const;

/**
 * Versions whose headers addons are compiled with, by the major version of Node.js: with those of 24.19 and later,
 * closed databases of better-sqlite3 11 and 12 abort the process when they are collected.
 */
const HEADERS: Readonly<Record<string, string>> = { 22: "22.15.0", 24: "24.11.1", 26: "26.10.0" };

const MAJOR = process.versions.node.split(".", 1)[0]!;

/** Returns the folder whose `node_modules` has a version of better-sqlite3, for this version of Node.js. */
export const folderOf = (driver: string): string =>
  join(CACHE, "better-sqlite3", `${driver}-node-${MAJOR}-${process.platform}-${process.arch}`);

/** Packages without compiled code on npm, by the versions the tests run with; the first is the one they depend on. */
export const COMPILED = { sqlite3: ["6.0.1", "5.1.7"], "hnswlib-node": ["3.0.0"] } as const;
type Compiled = keyof typeof COMPILED;

/** Packages that are not loaded from where npm has installed them. */
export const ELSEWHERE: readonly string[] = ["better-sqlite3", ...Object.keys(COMPILED)];

/** Returns the version of a package that the tests run with. */
const versionOf = (name: Compiled): string => (name === "sqlite3" && process.env["SQLITE3"]) || COMPILED[name][0];

/** Returns the folder whose `node_modules` has a package with its compiled code, for all versions of Node.js. */
const compiledFolder = (name: Compiled, version: string): string =>
  join(CACHE, name, `${version}-${process.platform}-${process.arch}`);

/** Milliseconds for which a build of another process is waited for, which shares the processors with the tests. */
const MAX_BUILD_MS = 600_000;

/** Native package that is built from source. */
interface Source {
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  /** Script of the package that compiles it, and the version of Node.js whose headers that takes. */
  readonly script: string;
  readonly headers: string;
}

/**
 * Builds a version of better-sqlite3 unless it has been built before: its prebuilt binaries are not on npm. Takes
 * about a minute of a processor.
 */
export const build = (driver: string): Promise<void> =>
  buildOnce({
    folder: folderOf(driver),
    name: "better-sqlite3",
    version: driver,
    script: "build-release",
    headers: HEADERS[MAJOR]!,
  });

/** Compiles a version of a package unless that was done before. Takes one to two minutes of a processor. */
const compile = (name: Compiled, version: string): Promise<void> =>
  buildOnce({ folder: compiledFolder(name, version), name, version, script: "rebuild", headers: HEADERS["22"]! });

async function buildOnce(source: Source): Promise<void> {
  const until = Date.now() + MAX_BUILD_MS;
  while (!existsSync(source.folder) && Date.now() < until && isBeingBuilt(source.folder)) await setTimeout(1_000);
  if (!existsSync(source.folder)) buildNow(source);
}

/** Tells whether another process builds it: the name of an unfinished folder has the process id. */
function isBeingBuilt(folder: string): boolean {
  if (!existsSync(dirname(folder))) return false;
  const builders = readdirSync(dirname(folder)).filter((name) => name.startsWith(`${basename(folder)}.`));
  return builders.some((name) => existsSync(`/proc/${extname(name).slice(1)}`));
}

function buildNow({ folder, name, version, script, headers }: Source): void {
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  try {
    writeFileSync(join(unfinished, "package.json"), `{"name":"with-${name}","private":true}`);
    // Without the package's own node-gyp, which is too old for some versions of Python: npm has one.
    const install = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--omit=optional", "--loglevel=error"];
    npm(unfinished, [...install, `${name}@${version}`]);
    const nodedir = dirname(dirname(nodeOf(headers)));
    const quick = { CFLAGS: "-O1", CXXFLAGS: "-O1", npm_config_nodedir: nodedir };
    npm(join(unfinished, "node_modules", name), ["run", script], quick);
    if (!existsSync(folder)) renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

function npm(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): void {
  const PATH = `${join(ROOT, "node_modules/.bin")}:${process.env["PATH"]}`;
  execFileSync("npm", args, { cwd, env: { ...process.env, PATH, ...env }, stdio: ["ignore", "ignore", "pipe"] });
}

/** Version of better-sqlite3 these tests run with; undefined for the one they depend on. */
export const DRIVER: string | undefined = process.env["BETTER_SQLITE3"];

/** Module to preload, which makes programs load that version. */
export const WITH_DRIVER: string = join(import.meta.dirname, "with-driver.ts");

/** The packages that one loads, in turn; those of better-sqlite3 are for its installation only. */
function dependenciesOf(name: string, folder: string, known: Set<string> = new Set()): ReadonlySet<string> {
  if (name === "better-sqlite3") return known;
  const { dependencies = {}, optionalDependencies = {} } = JSON.parse(
    readFileSync(join(folder, name, "package.json"), "utf8"),
  ) as Readonly<Record<string, Readonly<Record<string, string>> | undefined>>;
  const installed = Object.keys({ ...dependencies, ...optionalDependencies }).filter((each) =>
    existsSync(join(folder, each, "package.json")),
  );
  for (const each of installed.filter((dependency) => !known.has(dependency)))
    dependenciesOf(each, folder, known.add(each));
  return known;
}

/** The folder of a package, and those of the packages it needs that are not built into it. */
export function packagesOf(name: string): [name: string, folder: string][] {
  const isCompiled = name in COMPILED;
  const driver = name === "better-sqlite3" ? DRIVER : undefined;
  const place = isCompiled ? compiledFolder(name as Compiled, versionOf(name as Compiled)) : driver && folderOf(driver);
  const folder = join(place ?? ROOT, "node_modules");
  const needed = place === undefined ? dependenciesOf(name, folder) : new Set(["bindings", "file-uri-to-path"]);
  return [name, ...needed].map((each) => [each, join(folder, each)]);
}

/** Compiles a package for a test that needs it; skips the test if that cannot be done, and says so. */
export async function needs(name: Compiled, test: Context, version: string = versionOf(name)): Promise<void> {
  test.timeout(MAX_BUILD_MS * 2);
  try {
    await compile(name, version);
  } catch (error) {
    console.log(`      what is run with ${name} ${version} is not run: ${String(error).split("\n", 1)[0]}`);
    test.skip();
  }
}

async function buildAll(): Promise<void> {
  for (const driver of OLDER_DRIVERS) await build(driver);
  for (const [name, versions] of Object.entries(COMPILED))
    for (const version of versions) await compile(name as Compiled, version);
}

if (process.argv[1] === import.meta.filename) await buildAll();
