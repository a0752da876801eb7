/** Builds the Collector and Jaeger from Go modules: `node collector-config/stack/go.ts`. */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { CACHE } from "./cache.ts";

const SOURCES = join(import.meta.dirname, "../distribution");

/** What is built of which package, from the module in the folder of that name. */
const PACKAGES = { collector: ".", jaeger: "github.com/jaegertracing/jaeger/cmd/jaeger" } as const;
export type GoProgram = keyof typeof PACKAGES;

/** Whether there is a Go to build with. */
export const hasGo = (): boolean => spawnSync("go", ["version"]).status === 0;

/** Where a program is, or will be once it has been built: another place for other sources. */
export function pathOf(name: GoProgram): string {
  const folder = join(SOURCES, name);
  const hash = createHash("sha256");
  for (const file of readdirSync(folder).sort()) hash.update(file).update(readFileSync(join(folder, file)));
  return join(CACHE, "go", `${name}-${hash.digest("hex").slice(0, 16)}`, name);
}

/** Builds a program unless it has been: some minutes of two processors, and a few seconds of the next run. */
export function build(name: GoProgram): string {
  const path = pathOf(name);
  if (existsSync(path)) return path;
  mkdirSync(join(path, ".."), { recursive: true });
  // Whoever looks for it finds all of it or nothing.
  const unfinished = `${path}.${process.pid}`;
  const flags = ["-trimpath", "-buildvcs=false", "-mod=readonly", "-ldflags=-s -w", "-o", unfinished];
  execFileSync("go", ["build", ...flags, PACKAGES[name]], { cwd: join(SOURCES, name), stdio: ["ignore", 2, 2] });
  renameSync(unfinished, path);
  return path;
}

if (process.argv[1] === import.meta.filename) {
  if (hasGo()) for (const name of Object.keys(PACKAGES) as GoProgram[]) console.log(build(name));
  else console.log("there is no Go: neither the Collector nor Jaeger was built");
}
