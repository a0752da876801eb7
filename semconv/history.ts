import { compare } from "./compare.ts";
import type { Migration } from "./migration.ts";
import type { Release } from "./release.ts";
import type { Registry } from "./schema.ts";

/** Lists the changes of each version, the earliest first, and last those of the registry since the last version. */
export function migrationsOf(releases: readonly Release[], registry: Registry): Migration[] {
  const last = releases.at(-1);
  const pending = last === undefined ? [] : [compare(last, registry).migration];
  return [...releases.flatMap(({ migration }) => migration ?? []), ...pending.filter((each) => !isEmpty(each))];
}

/** Tells whether a version has no change that queries can depend on. */
export const isEmpty = ({ renamed, changed }: Migration): boolean => renamed.length + changed.length === 0;
