import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { CACHE } from "./nodes.ts";

const FOLDER = join(CACHE, "prometheus");

const isOnPath = (program: string): boolean => spawnSync(program, ["--version"]).error === undefined;

/** Debian's package, unpacked and not installed: nothing of the machine changes. */
function unpack(): void {
  mkdirSync(FOLDER, { recursive: true });
  execFileSync("apt-get", ["download", "prometheus"], { cwd: FOLDER, stdio: "pipe" });
  const archive = readdirSync(FOLDER).find((file) => file.endsWith(".deb"))!;
  execFileSync("dpkg", ["-x", archive, "."], { cwd: FOLDER, stdio: "pipe" });
}

/**
 * A program of Debian's Prometheus package, installed or fetched.
 * @returns undefined where it can be had neither way
 */
export function prometheusProgram(name: "prometheus" | "promtool"): string | undefined {
  if (isOnPath(name)) return name;
  const path = join(FOLDER, "usr/bin", name);
  if (existsSync(path)) return path;
  try {
    unpack();
    return path;
  } catch {
    return undefined;
  }
}
