/** Builds the Collector and Jaeger from Go modules: `node collector-config/stack/go.ts`. */
import { execFileSync, spawnSync, type ExecFileSyncOptions } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CACHE } from "./cache.ts";

const SOURCES = join(import.meta.dirname, "../distribution");

/** What is built of which package, from the module in the folder of that name. */
const PACKAGES = { collector: ".", jaeger: "github.com/jaegertracing/jaeger/cmd/jaeger" } as const;
export type GoProgram = keyof typeof PACKAGES;

/** Of a program that will be there later on. */
export const UNFINISHED = "is still being built, for the next run";

/**
 * Why a program cannot be had; undefined if it can. With `BACKENDS=built` it has to be there: where time is short, a first
 * build goes on beside the tests and is of use to the next run.
 */
export function lackOf(name: GoProgram): string | undefined {
  if (existsSync(pathOf(name))) return undefined;
  if (spawnSync("go", ["version"]).status !== 0) return `there is no Go to build ${name} with`;
  return process.env["BACKENDS"] === "built" ? `${name} ${UNFINISHED}` : undefined;
}

/** Where a program is, or will be once it has been built: another place for other sources. */
export function pathOf(name: GoProgram): string {
  const folder = join(SOURCES, name);
  const hash = createHash("sha256");
  const files = readdirSync(folder).filter((file) => /\.go$|^go\./.test(file));
  for (const file of files.sort()) hash.update(file).update(readFileSync(join(folder, file)));
  return join(CACHE, "go", `${name}-${hash.digest("hex").slice(0, 16)}`, name);
}

/** Builds a program unless it has been, or is being built by another process: minutes, once. */
export function build(name: GoProgram): string {
  const path = pathOf(name);
  mkdirSync(dirname(path), { recursive: true });
  if (existsSync(path) || !tryLock(path)) return path;
  console.error(`building ${name} from Go modules, once; this takes minutes`);
  try {
    // Whoever looks for it finds all of it or nothing.
    const unfinished = `${path}.unfinished`;
    const flags = ["-trimpath", "-buildvcs=false", "-mod=readonly", "-ldflags=-s -w", "-o", unfinished];
    const options = { cwd: join(SOURCES, name), stdio: ["ignore", 2, 2] } satisfies ExecFileSyncOptions;
    execFileSync("go", ["build", ...flags, PACKAGES[name]], options);
    renameSync(unfinished, path);
  } finally {
    rmSync(lockOf(path));
  }
  return path;
}

const lockOf = (path: string): string => `${path}.building`;

/** @returns false where another process was building it, and has built it by now */
function tryLock(path: string): boolean {
  for (;;) {
    try {
      writeFileSync(lockOf(path), String(process.pid), { flag: "wx" });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    if (!isAlive(lockOf(path))) rmSync(lockOf(path), { force: true });
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
    if (existsSync(path)) return false;
  }
}

function isAlive(lock: string): boolean {
  try {
    return process.kill(Number(readFileSync(lock, "utf8")), 0);
  } catch {
    return false;
  }
}

if (process.argv[1] === import.meta.filename) {
  for (const name of Object.keys(PACKAGES) as GoProgram[]) console.log(lackOf(name) ?? build(name));
}
