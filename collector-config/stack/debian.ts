import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { CACHE } from "./cache.ts";

/** Programs of Debian's packages. */
const PACKAGE_OF = {
  prometheus: "prometheus",
  promtool: "prometheus",
  "prometheus-alertmanager": "prometheus-alertmanager",
  amtool: "prometheus-alertmanager",
} as const;
export type DebianProgram = keyof typeof PACKAGE_OF;

const isOnPath = (program: string): boolean => spawnSync(program, ["--version"]).error === undefined;

/** Debian's package, unpacked and not installed: nothing of the machine changes. */
function unpack(name: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  execFileSync("apt-get", ["download", name], { cwd: folder, stdio: "pipe" });
  const archive = readdirSync(folder).find((file) => file.endsWith(".deb"))!;
  execFileSync("dpkg", ["-x", archive, "."], { cwd: folder, stdio: "pipe" });
}

/**
 * A program of a Debian package, installed or fetched.
 * @returns undefined where it can be had neither way
 */
export function debianProgram(name: DebianProgram): string | undefined {
  if (isOnPath(name)) return name;
  const folder = join(CACHE, PACKAGE_OF[name]);
  const path = join(folder, "usr/bin", name);
  if (existsSync(path)) return path;
  try {
    unpack(PACKAGE_OF[name], folder);
    return path;
  } catch {
    return undefined;
  }
}
