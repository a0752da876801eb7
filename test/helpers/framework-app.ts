import { readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { App, ROOT } from "./app.ts";
import { folderWith } from "./packages.ts";

const APPS = join(ROOT, "test/apps/http/frameworks");

/** Name and version of a package, and others it needs beside it. */
export type Packages = readonly [name: string, version: string, ...others: string[]];

/** An application of a file of `test/apps/http/frameworks` and the packages it needs. */
export function appOf(file: string, [name, version, ...others]: Packages): App {
  const files = [file, "serve.cjs"].map((each) => [each, readFileSync(join(APPS, each), "utf8")]);
  const app = new App(Object.fromEntries(files) as Record<string, string>);
  rmSync(join(app.folder, "node_modules"));
  symlinkSync(join(folderWith(name, version, others), "node_modules"), join(app.folder, "node_modules"));
  return app;
}
