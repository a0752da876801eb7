import { execFileSync } from "node:child_process";

/** Installs packages into a folder, without running their scripts. On Windows npm is a script of the shell. */
export function npmInstall(folder: string, ...args: readonly string[]): void {
  const install = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", ...args];
  const shell = process.platform === "win32";
  execFileSync("npm", install, { cwd: folder, shell, stdio: ["ignore", "ignore", "inherit"] });
}
