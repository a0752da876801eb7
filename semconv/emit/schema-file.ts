import { stringify } from "yaml";
import type { Migration, Renaming } from "../migration.ts";
import type { Release } from "../release.ts";
import type { Registry } from "../schema.ts";

const HEADER = "# Generated from semconv/registry and semconv/releases by `npm run generate`. Do not edit.\n";

/**
 * Writes the schema file of a version: the names that a Collector or a backend has to replace to read telemetry of an
 * earlier version like one of this version. The format has no words for log records that are renamed, nor for values.
 * https://opentelemetry.io/docs/specs/otel/schemas/file_format_v1.1.0
 */
export function emitSchemaFile(
  { schemaUrl, version }: Registry,
  releases: readonly Release[],
  migrations: readonly Migration[],
): string {
  const versions = [...new Set([...releases.map((release) => release.version), version])].toReversed();
  const sections = versions.map((each) => {
    const migration = migrations.find((of) => of.version === each);
    return [each, migration === undefined ? {} : sectionsOf(migration)];
  });
  const content = { file_format: "1.1.0", schema_url: schemaUrl, versions: Object.fromEntries(sections) };
  return HEADER + stringify(content, { lineWidth: 0 });
}

function sectionsOf({ renamed }: Migration): object {
  const attributes = mapOf(renamed, "attribute");
  const metrics = mapOf(renamed, "metric");
  return {
    ...(attributes && { all: { changes: [{ rename_attributes: { attribute_map: attributes } }] } }),
    ...(metrics && { metrics: { changes: [{ rename_metrics: metrics }] } }),
  };
}

function mapOf(renamed: readonly Renaming[], kind: Renaming["kind"]): object | undefined {
  const ofKind = renamed.filter((each) => each.kind === kind);
  return ofKind.length === 0 ? undefined : Object.fromEntries(ofKind.map(({ from, to }) => [from, to]));
}
