import { compare } from "./compare.ts";
import type { Migration } from "./migration.ts";
import type { Release } from "./release.ts";
import type { Registry } from "./schema.ts";

/** Lists what each version changed, the earliest first, and at the end what the registry changes since the last one. */
export function migrationsOf(releases: readonly Release[], registry: Registry): Migration[] {
  const last = releases.at(-1);
  const pending = last === undefined ? [] : [compare(last, registry).migration];
  return [...releases.flatMap(({ migration }) => migration ?? []), ...pending.filter((each) => !isEmpty(each))];
}

/** Tells whether a version changed nothing that anything depends on. */
export const isEmpty = ({ renamed, changed }: Migration): boolean => renamed.length + changed.length === 0;
