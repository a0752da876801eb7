import { emitConstants } from "./emit/constants.ts";
import { emitMigrations } from "./emit/migrations.ts";
import { emitReference } from "./emit/reference.ts";
import { emitSchemaFile } from "./emit/schema-file.ts";
import { migrationsOf } from "./history.ts";
import { readReleases, RELEASES } from "./release.ts";
import { loadRegistry } from "./resolve.ts";

/**
 * Generates the constants, the reference, the schema file and the migrations.
 * @throws RegistryError
 */
export function generateNames(): Map<string, string> {
  const registry = loadRegistry("semconv/registry");
  const releases = readReleases(RELEASES);
  const migrations = migrationsOf(releases, registry);
  return new Map([
    ["semconv/index.ts", emitConstants(registry)],
    ["semconv/README.md", emitReference(registry)],
    [`semconv/schema/${registry.version}.yaml`, emitSchemaFile(registry, releases, migrations)],
    ["semconv/migrations.json", `${JSON.stringify(migrations, null, 2)}\n`],
    ["semconv/MIGRATIONS.md", emitMigrations(migrations)],
  ]);
}
