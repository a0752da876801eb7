/** Changes of names and definitions between two versions, as `migrations.json` lists them. */
export interface Migration {
  readonly since: string;
  readonly version: string;
  readonly renamed: readonly Renaming[];
  readonly changed: readonly Change[];
  readonly prometheus: QueryChanges;
}

/** Definition, or value of an enum, of which nothing but the name has changed. */
export interface Renaming {
  readonly kind: "attribute" | "value" | "metric" | "span" | "event";
  /** Attribute that a value belongs to. */
  readonly attribute?: string;
  readonly from: string;
  readonly to: string;
}

/** Change that requires manual review of whatever depends on it. */
export interface Change {
  readonly kind: Renaming["kind"];
  readonly attribute?: string;
  /** Name in the earlier version. */
  readonly name: string;
  /** Change, as the predicate of a sentence. */
  readonly change: string;
  /** Action to take. */
  readonly note: string;
}

/** Changes as queries in PromQL meet them. */
export interface QueryChanges {
  /** New names of series and labels, by their old names. */
  readonly names: Readonly<Record<string, string>>;
  /** New values of labels, by the old name of the label and the old value. */
  readonly values: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Reasons to look at a query, by the old name of a series or label in it. */
  readonly review: Readonly<Record<string, string>>;
}

/** Compares versions of three numbers. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split(".").map(Number), b.split(".").map(Number)];
  const differences = left.map((number, i) => number - right[i]!);
  return differences.find((difference) => difference !== 0) ?? 0;
}
