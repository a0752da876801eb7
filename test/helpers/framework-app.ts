import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { App } from "./app.ts";
import { folderWith } from "./packages.ts";

/** Name and version of a package, and the packages that it requires. */
export type Packages = readonly [name: string, version: string, ...others: string[]];

/** Returns the applications of `test/apps/http/frameworks` with the packages that one of them requires. */
export function appWith([name, version, ...others]: Packages): App {
  const app = new App("http/frameworks");
  const packages = join(app.folder, "node_modules");
  rmSync(packages, { recursive: true });
  symlinkSync(join(folderWith(name, version, others), "node_modules"), packages);
  return app;
}
