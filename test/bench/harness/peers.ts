import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { isPeer, ROOT, type Variant } from "./variants.ts";

/** Installs what some variants need, each in a folder of its own as a user of it has it, unless it is there already. */
export function installPeers(variants: readonly Variant[]): void {
  for (const folder of new Set(variants.filter(isPeer).map(({ folder }) => folder))) {
    const lock = join(folder, "package-lock.json");
    const installed = join(folder, "node_modules", ".installed");
    if (existsSync(installed) && readFileSync(installed, "utf8") === readFileSync(lock, "utf8")) continue;
    process.stderr.write(`installing ${relative(ROOT, folder)}\n`);
    const install = ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
    execFileSync("npm", install, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
    copyFileSync(lock, installed);
  }
}
