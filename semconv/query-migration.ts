import type { QueryChanges } from "./migration.ts";
import { prometheusLabel, prometheusName, type NamedMetric } from "./prometheus-names.ts";
import type { Shape } from "./release.ts";

/** Collector of the effects that changes of a registry have on queries in PromQL. */
export class QueryMigration {
  readonly #names = new Map<string, string>();
  readonly #values = new Map<string, Map<string, string>>();
  readonly #reviews = new Map<string, string[]>();

  /** Notes the new names of a metric's series, or of an attribute's label. */
  rename(old: Shape, current: Shape): void {
    // A new name does not convert a value into another unit, or a rate into a total.
    const isAlike = old.facts.unit === current.facts.unit && old.facts.instrument === current.facts.instrument;
    const names = namesOf(current);
    if (!isAlike) return names[0] === namesOf(old)[0] ? undefined : this.review(old, `is called ${names[0]} now`);
    for (const [i, name] of namesOf(old).entries()) if (name !== names[i]) this.#names.set(name, names[i]!);
  }

  renameValue(attribute: string, from: string, to: string): void {
    const label = prometheusLabel(attribute);
    const values = this.#values.get(label) ?? new Map<string, string>();
    this.#values.set(label, values.set(from, to));
  }

  /** Notes a reason to look at the queries that use a definition. */
  review(old: Shape, reason: string): void {
    for (const name of namesOf(old)) this.#reviews.set(name, [...(this.#reviews.get(name) ?? []), reason]);
  }

  changes(): QueryChanges {
    return {
      names: Object.fromEntries(this.#names),
      values: Object.fromEntries(Array.from(this.#values, ([label, values]) => [label, Object.fromEntries(values)])),
      review: Object.fromEntries(Array.from(this.#reviews, ([name, reasons]) => [name, reasons.join("; ")])),
    };
  }
}

/** Suffixes of the series of a classic histogram; a native one is a series without. */
const HISTOGRAM_SUFFIXES = ["", "_bucket", "_sum", "_count"];

/** Lists the names under which a definition is found in Prometheus, always in the same order. */
function namesOf({ kind, name, facts }: Shape): string[] {
  if (kind === "attribute") return [prometheusLabel(name)];
  if (kind !== "metric") return [];
  const metric = { name, unit: facts.unit, instrument: facts.instrument } as NamedMetric;
  const family = prometheusName(metric);
  return metric.instrument === "histogram" ? HISTOGRAM_SUFFIXES.map((suffix) => family + suffix) : [family];
}
