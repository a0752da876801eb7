import type { Aspect, DeclaredChange, Deprecation, DefinitionKind } from "./schema.ts";
import type { Entry } from "./source.ts";

const REASONS = ["renamed", "obsoleted", "uncategorized"] as const;
const VERSION = /^\d{1,9}\.\d{1,9}\.\d{1,9}$/;

type IsDefined = (deprecation: Deprecation, name: string) => boolean;

/** Collector of the deprecated definitions and values of a registry while it is read. */
export class Deprecations {
  readonly all: Deprecation[] = [];
  readonly #entries = new Map<Deprecation, Entry>();

  /** Notes the deprecated ones of several entries, and returns the others. */
  sift(entries: readonly Entry[], kind: DefinitionKind, nameField: string): Entry[] {
    return entries.filter((entry) => {
      const isDeprecated = entry.has("deprecated");
      if (isDeprecated) this.add(kind, entry.text(nameField), entry);
      return !isDeprecated;
    });
  }

  /** Reads the `deprecated` field of an entry, in Weaver's form. */
  add(kind: Deprecation["kind"], name: string, entry: Entry, attribute?: string): void {
    const deprecated = entry.entry("deprecated").allow("reason", "renamed_to", "note");
    const isRenamed = deprecated.oneOf("reason", REASONS) === "renamed";
    if (!isRenamed && deprecated.has("renamed_to")) {
      throw deprecated.error("renamed_to", `"renamed_to" needs the reason "renamed"`);
    }
    const deprecation: Deprecation = {
      kind,
      name,
      attribute,
      renamedTo: isRenamed ? deprecated.text("renamed_to") : undefined,
      note: isRenamed ? deprecated.optionalText("note") : deprecated.text("note"),
    };
    this.all.push(deprecation);
    this.#entries.set(deprecation, deprecated);
  }

  /**
   * Rejects what is defined and deprecated, a new name that nothing has, and names that lead to each other.
   * @param isDefined tells whether the registry has a definition or value that is emitted
   * @param isUpstream tells whether OpenTelemetry has an attribute of a name
   */
  rejectContradictions(isDefined: IsDefined, isUpstream: (name: string) => boolean): void {
    for (const [deprecation, entry] of this.#entries) {
      const { kind, name, renamedTo } = deprecation;
      if (isDefined(deprecation, name)) throw entry.error("reason", `${kind} "${name}" is also defined`);
      if (renamedTo === undefined) continue;
      const last = finalName(this.all, deprecation);
      if (last === undefined) throw entry.error("renamed_to", `the new names of ${kind} "${name}" lead in a circle`);
      const isKnown =
        this.all.some((other) => isSame(other, deprecation, last)) ||
        isDefined(deprecation, last) ||
        (kind === "attribute" && isUpstream(last));
      if (!isKnown) throw entry.error("renamed_to", `there is no ${kind} "${last}"`);
    }
  }
}

const isSame = (other: Deprecation, { kind, attribute }: Deprecation, name: string): boolean =>
  other.kind === kind && other.attribute === attribute && other.name === name;

/**
 * Follows the new names of a deprecated definition to the last one.
 * @returns undefined if they lead in a circle
 */
export function finalName(all: readonly Deprecation[], { renamedTo, ...first }: Deprecation): string | undefined {
  const seen = new Set([first.name]);
  let name = renamedTo;
  while (name !== undefined && !seen.has(name)) {
    seen.add(name);
    const current: string = name;
    const next = all.find((other) => isSame(other, { ...first, renamedTo }, current))?.renamedTo;
    if (next === undefined) return current;
    name = next;
  }
  return undefined;
}

/** Aspects that a kind of definition has. */
const ASPECTS_OF: Readonly<Record<DefinitionKind, readonly Aspect[]>> = {
  attribute: ["type"],
  metric: ["unit", "instrument", "value_type", "attributes", "buckets"],
  span: ["kind", "name", "attributes"],
  event: ["attributes"],
};

/** Reads the changes that a definition declares. Weaver leaves the content of annotations to their authors. */
export function readChanges(entry: Entry, kind: DefinitionKind): DeclaredChange[] {
  if (!entry.has("annotations")) return [];
  return entry
    .entry("annotations")
    .entries("changes")
    .map((change) => {
      change.allow("since", "of", "note");
      const since = change.text("since");
      if (!VERSION.test(since)) throw change.error("since", `"since" must be a version such as 1.2.0, not "${since}"`);
      return { since, of: change.oneOf("of", ASPECTS_OF[kind]), note: change.text("note") };
    });
}

/** Reads the version at the end of a schema URL. */
export function readVersion(manifest: Entry): string {
  const url = manifest.text("schema_url");
  const version = url.slice(url.lastIndexOf("/") + 1);
  if (!VERSION.test(version)) throw manifest.error("schema_url", `"schema_url" must end in a version such as 1.2.0`);
  return version;
}
