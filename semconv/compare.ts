import { finalName } from "./deprecation.ts";
import { compareVersions, type Change, type Migration, type Renaming } from "./migration.ts";
import { QueryMigration } from "./query-migration.ts";
import { placeIn, RELEASES, shapesOf, type Release, type Shape } from "./release.ts";
import type { Aspect, DeclaredChange, Deprecation, DefinitionKind, Registry } from "./schema.ts";

/** Result of comparing a registry with the last release. */
export interface Comparison {
  /** Changes that break queries and are not declared, one line each, which begins with `file:line`. */
  readonly breaks: readonly string[];
  /** Changes that are declared. */
  readonly migration: Migration;
}

/** Place and declared changes of a definition of the registry. */
interface Declared {
  readonly place: string;
  readonly changes: readonly DeclaredChange[];
}

/** Compares a registry with a release. */
export function compare(release: Release, registry: Registry, folder: string = RELEASES): Comparison {
  return new Comparer(release, registry, folder).run();
}

class Comparer {
  readonly #release: Release;
  readonly #registry: Registry;
  readonly #folder: string;
  readonly #shapes: ReadonlyMap<string, Shape>;
  readonly #declared: ReadonlyMap<string, Declared>;
  /** Declared changes that a difference was found for. */
  readonly #found = new Set<DeclaredChange>();
  readonly #breaks: string[] = [];
  readonly #renamed: Renaming[] = [];
  readonly #changed: Change[] = [];
  readonly #queries = new QueryMigration();

  constructor(release: Release, registry: Registry, folder: string) {
    this.#release = release;
    this.#registry = registry;
    this.#folder = folder;
    this.#shapes = new Map(shapesOf(registry).map((shape) => [idOf(shape.kind, shape.name), shape]));
    this.#declared = declaredIn(registry);
  }

  get #since(): string {
    return `: a break since ${this.#release.version}`;
  }

  run(): Comparison {
    for (const shape of this.#release.shapes) this.#compareShape(shape);
    this.#rejectNeedless();
    this.#rejectVersion();
    const migration = {
      since: this.#release.version,
      version: this.#registry.version,
      renamed: this.#renamed,
      changed: this.#changed,
      prometheus: this.#queries.changes(),
    };
    return { breaks: this.#breaks, migration };
  }

  #compareShape(old: Shape): void {
    const { kind, name } = old;
    const deprecation = this.#deprecation(kind, name);
    if (deprecation !== undefined && deprecation.renamedTo === undefined) {
      const change = "is no longer emitted";
      this.#changed.push({ kind, name, change, note: deprecation.note ?? "" });
      this.#queries.review(old, `${change}: ${deprecation.note ?? ""}`);
      return;
    }
    const newName = deprecation === undefined ? name : finalName(this.#registry.deprecated, deprecation)!;
    const current = this.#shapes.get(idOf(kind, newName));
    if (deprecation !== undefined) this.#renamed.push({ kind, from: name, to: newName });
    if (current !== undefined) this.#compareFacts(old, current);
    else if (kind === "attribute" && this.#isUsed(newName)) this.#queries.rename(old, { ...old, name: newName });
    else
      this.#breaks.push(
        `${placeIn(this.#folder, this.#release, old)}: ${kind} "${name}" is gone${this.#since}; ${KEEP}`,
      );
  }

  #compareFacts(old: Shape, current: Shape): void {
    const aspects = new Set([...Object.keys(old.facts), ...Object.keys(current.facts)]) as Set<keyof Shape["facts"]>;
    for (const aspect of aspects) {
      if (aspect === "values") this.#compareValues(old, current);
      else this.#compareFact(aspect, old, current);
    }
    this.#queries.rename(old, current);
  }

  #compareFact(aspect: Aspect, old: Shape, current: Shape): void {
    const was = aspect === "attributes" ? this.#withNewNames(old.facts.attributes) : old.facts[aspect];
    const change = describe(aspect, was, current);
    if (change === undefined) return;
    const { place, changes } = this.#declared.get(idOf(current.kind, current.name))!;
    const declared = changes.find(({ of, since }) => of === aspect && since === this.#registry.version);
    if (declared === undefined) {
      const subject = `${current.kind} "${current.name}"`;
      const how = `declare it under "annotations: changes" (since: ${this.#registry.version}, of: ${aspect})`;
      this.#breaks.push(`${place}: ${subject} ${change}${this.#since}; ${how}`);
      return;
    }
    this.#found.add(declared);
    this.#changed.push({ kind: old.kind, name: old.name, change, note: declared.note });
    // Queries read whole numbers and others alike.
    if (aspect !== "value_type") this.#queries.review(old, `${change}: ${declared.note}`);
  }

  #compareValues(old: Shape, current: Shape): void {
    const attribute = current.name;
    // An enum that has become something else has another type, which is reported once.
    if (current.facts.values === undefined) return;
    for (const value of lost(old.facts.values, current.facts.values)) {
      const deprecation = this.#deprecation("value", value, attribute);
      if (deprecation === undefined) {
        const { place } = this.#declared.get(idOf("attribute", attribute))!;
        const subject = `value "${value}" of attribute "${attribute}"`;
        this.#breaks.push(`${place}: ${subject} is gone${this.#since}; ${KEEP}`);
        continue;
      }
      const to = finalName(this.#registry.deprecated, deprecation);
      if (to !== undefined && current.facts.values.includes(to)) {
        this.#renamed.push({ kind: "value", attribute: old.name, from: value, to });
        this.#queries.renameValue(old.name, value, to);
      } else {
        const [change, note] = ["is no longer emitted", deprecation.note ?? ""];
        this.#changed.push({ kind: "value", attribute: old.name, name: value, change, note });
        this.#queries.review(old, `the value "${value}" ${change}: ${note}`);
      }
    }
  }

  /** Replaces the names of renamed attributes, and removes those that are no longer emitted. */
  #withNewNames(keys: readonly string[] | undefined): string[] {
    return (keys ?? []).flatMap((key) => {
      const deprecation = this.#deprecation("attribute", key);
      if (deprecation === undefined) return key;
      return finalName(this.#registry.deprecated, deprecation) ?? [];
    });
  }

  #deprecation(kind: Deprecation["kind"], name: string, attribute?: string): Deprecation | undefined {
    return this.#registry.deprecated.find(
      (each) => each.kind === kind && each.name === name && each.attribute === attribute,
    );
  }

  /** Tells whether a signal has an attribute; one of OpenTelemetry's is not defined in the registry. */
  #isUsed(key: string): boolean {
    const { metrics, spans, events } = this.#registry;
    return [...metrics, ...spans, ...events].some(({ attributes }) => attributes.some((use) => use.key === key));
  }

  /** Reports declared changes that were not found. */
  #rejectNeedless(): void {
    for (const { place, changes } of this.#declared.values()) {
      for (const change of changes) {
        const isOld = compareVersions(change.since, this.#release.version) <= 0;
        if (isOld || this.#found.has(change)) continue;
        const what = `a change of "${change.of}" in ${change.since} is declared`;
        this.#breaks.push(`${place}: ${what}, and ${this.#registry.version} has none since ${this.#release.version}`);
      }
    }
  }

  /** Reports a version that is released already, if there are changes. */
  #rejectVersion(): void {
    const { version, place } = this.#registry;
    const isLater = compareVersions(version, this.#release.version) > 0;
    if (isLater || this.#renamed.length + this.#changed.length === 0) return;
    const problem = `version ${this.#release.version} is released with other names; "schema_url" needs a later version`;
    this.#breaks.push(`${place}: ${problem}`);
  }
}

const KEEP = `keep it with "deprecated", and the reason renamed, obsoleted or uncategorized`;

const idOf = (kind: DefinitionKind, name: string): string => `${kind} ${name}`;

function declaredIn({ attributes, metrics, spans, events }: Registry): Map<string, Declared> {
  return new Map<string, Declared>([
    ...attributes.map((each) => [idOf("attribute", each.key), each] as const),
    ...metrics.map((each) => [idOf("metric", each.name), each] as const),
    ...spans.map((each) => [idOf("span", each.type), each] as const),
    ...events.map((each) => [idOf("event", each.name), each] as const),
  ]);
}

/** Lists the elements of one list that the other lacks. */
const lost = (from: readonly string[] = [], to: readonly string[] = []): string[] =>
  from.filter((each) => !to.includes(each));

/** Describes a difference; undefined if there is none that breaks anything. */
function describe(
  aspect: Aspect,
  was: string | readonly string[] | undefined,
  { kind, facts }: Shape,
): string | undefined {
  const is = facts[aspect];
  if (typeof was === "string" || typeof is === "string") {
    return was === is ? undefined : `has ${WORDS[aspect]} "${String(is)}", not "${String(was)}"`;
  }
  const without = lost(was, is);
  // An additional label splits the series of a metric; a span or record with an additional attribute is found as before.
  const withMore = kind === "metric" ? lost(is, was) : [];
  const parts = [
    ...(without.length > 0 ? [`no longer has the ${WORDS[aspect]} ${without.join(", ")}`] : []),
    ...(withMore.length > 0 ? [`has the new ${WORDS[aspect]} ${withMore.join(", ")}`] : []),
  ];
  return parts.length === 0 ? undefined : parts.join(" and ");
}

const WORDS: Readonly<Record<Aspect, string>> = {
  unit: "the unit",
  instrument: "the instrument",
  value_type: "the value type",
  attributes: "attributes",
  buckets: "buckets",
  type: "the type",
  kind: "the kind",
  name: "the name",
};
