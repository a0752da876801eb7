/**
 * Writes the file of the version that is about to be released, which later versions are compared with.
 *
 *     npm run release:registry
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { compare } from "./compare.ts";
import { isEmpty } from "./history.ts";
import { formatRelease, readReleases, releaseFile, RELEASES, shapesOf } from "./release.ts";
import { loadRegistry } from "./resolve.ts";
import { RegistryError, runCommand } from "./source.ts";

function main(): void {
  const registry = loadRegistry("semconv/registry");
  const file = releaseFile(RELEASES, registry.version);
  if (existsSync(file)) {
    throw new RegistryError(`${file} is there already: set a later version, or remove it if it was never published`);
  }
  const last = readReleases(RELEASES).at(-1);
  const comparison = last === undefined ? undefined : compare(last, registry);
  if (comparison !== undefined && comparison.breaks.length > 0) throw new RegistryError(comparison.breaks.join("\n"));
  const migration = comparison?.migration;
  const release = { version: registry.version, shapes: shapesOf(registry) };
  mkdirSync(RELEASES, { recursive: true });
  writeFileSync(
    file,
    formatRelease(migration === undefined || isEmpty(migration) ? release : { ...release, migration }),
  );
  console.log(`wrote ${file}`);
}

runCommand(main);
