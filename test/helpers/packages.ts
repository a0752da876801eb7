import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CACHE } from "../../collector-config/stack/cache.ts";
import { npmInstall } from "./npm.ts";

/**
 * Returns a folder with one version of a package in its `node_modules`, from npm, beside the version the tests depend on.
 * @param others packages it needs beside it, `name@version`
 */
export function folderWith(name: string, version: string, others: readonly string[] = []): string {
  const folder = join(CACHE, "packages", `${name}-${version}`);
  if (existsSync(join(folder, "node_modules", name, "package.json"))) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), `{"private":true}`);
  npmInstall(folder, `${name}@${version}`, ...others);
  return folder;
}

/** Returns a folder with a package of PyPI for `PYTHONPATH`; undefined if there is no Python to install it. */
export function pythonFolderWith(name: string, version: string): string | undefined {
  const folder = join(CACHE, "python", `${name}-${version}`);
  if (existsSync(join(folder, name))) return folder;
  const install = ["-m", "pip", "install", "--quiet", "--no-deps", "--target", folder, `${name}==${version}`];
  try {
    execFileSync("python3", install, { stdio: "ignore" });
    return folder;
  } catch {
    return undefined;
  }
}
