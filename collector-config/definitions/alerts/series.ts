import type { InputSeries } from "../alert.ts";

/** Grouping of alerts on a database. */
export const BY_DATABASE = "by (job, instance, db_system_name, db_namespace)";

/** Grouping of alerts on the failures of a database. */
export const BY_ERROR = "by (job, instance, db_system_name, db_namespace, error_type)";

/**
 * Returns the increase of a counter of failures. The series of an error begins with the first one, which `increase` does not
 * see.
 */
export function failures(selector: string, within: string): string {
  const count = `sum ${BY_ERROR} (${selector})`;
  return `${count} - (sum ${BY_ERROR} (${selector} offset ${within}) or 0 * ${count})`;
}

/** Target and database in the examples of alerts. */
export const TARGET = { job: "api", instance: "a" } as const;
export const DATABASE = { ...TARGET, db_system_name: "sqlite", db_namespace: "main" } as const;

/** Formats the name and labels of a series: `name{label="value",...}`. */
export function series(name: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return `${name}{${pairs.join(",")}}`;
}

/** Returns one input series. */
export const one = (name: string, labels: Readonly<Record<string, string>>, values: string): InputSeries => ({
  [series(name, labels)]: values,
});

/**
 * Returns two hours of a histogram with one value a second, all in one bucket.
 * @param bucket the bounds of that bucket
 */
export function histogram(
  family: string,
  labels: Readonly<Record<string, string>>,
  [lower, upper]: readonly [lower: number, upper: number],
): InputSeries {
  const bound = (le: string, values: string): InputSeries => one(`${family}_bucket`, { ...labels, le }, values);
  return {
    ...bound(String(lower), "0x120"),
    ...bound(String(upper), "0+60x120"),
    ...bound("+Inf", "0+60x120"),
    ...one(`${family}_count`, labels, "0+60x120"),
  };
}
