import { existsSync, readdirSync, readFileSync } from "node:fs";
import { compareVersions, type Migration } from "./migration.ts";
import type { Aspect, AttributeUse, DefinitionKind, Registry } from "./schema.ts";

/** Folder with one file for each released version. */
export const RELEASES = "semconv/releases";

/** Definition reduced to what queries, dashboards and alerts depend on. */
export interface Shape {
  readonly kind: DefinitionKind;
  readonly name: string;
  readonly facts: Readonly<Partial<Record<TextAspect, string> & Record<ListAspect, readonly string[]>>>;
}

export type ListAspect = "attributes" | "buckets" | "values";
type TextAspect = Exclude<Aspect, ListAspect>;

/** Registry of a released version. */
export interface Release {
  readonly version: string;
  readonly shapes: readonly Shape[];
  /** Changes since the release before. */
  readonly migration?: Migration;
}

/** Reduces the definitions of a registry. */
export function shapesOf({ attributes, metrics, spans, events }: Registry): Shape[] {
  return [
    ...attributes.map(({ key, type }): Shape => {
      const facts = typeof type === "string" ? { type } : { type: "enum", values: type.map(({ value }) => value) };
      return { kind: "attribute", name: key, facts };
    }),
    ...metrics.map(({ name, unit, instrument, valueType, boundaries, attributes: uses }): Shape => {
      const buckets = boundaries === undefined ? undefined : { buckets: boundaries.map(String) };
      return {
        kind: "metric",
        name,
        facts: { unit, instrument, value_type: valueType, attributes: keysOf(uses), ...buckets },
      };
    }),
    ...spans.map(({ type, kind, name, attributes: uses }): Shape => {
      const named = name === undefined ? undefined : { name };
      return { kind: "span", name: type, facts: { kind, ...named, attributes: keysOf(uses) } };
    }),
    ...events.map(({ name, attributes: uses }): Shape => ({
      kind: "event",
      name,
      facts: { attributes: keysOf(uses) },
    })),
  ];
}

const keysOf = (uses: readonly AttributeUse[]): string[] => uses.map(({ key }) => key);

/** Reads the released versions, the earliest first. */
export function readReleases(folder: string): Release[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => JSON.parse(readFileSync(`${folder}/${name}`, "utf8")) as Release)
    .sort((a, b) => compareVersions(a.version, b.version));
}

/** Lines of a release's file in front of its first definition. */
const LINES_BEFORE = 3;

/** Formats a release with one definition a line. */
export function formatRelease({ version, shapes, migration }: Release): string {
  return [
    "{",
    `"version": ${JSON.stringify(version)},`,
    `"shapes": [`,
    shapes.map((shape) => JSON.stringify(shape)).join(",\n"),
    migration === undefined ? "]" : `],\n"migration": ${JSON.stringify(migration)}`,
    "}\n",
  ].join("\n");
}

export const releaseFile = (folder: string, version: string): string => `${folder}/${version}.json`;

/** Returns the file and line of a released definition. */
export const placeIn = (folder: string, release: Release, shape: Shape): string =>
  `${releaseFile(folder, release.version)}:${release.shapes.indexOf(shape) + LINES_BEFORE + 1}`;
