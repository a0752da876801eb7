import type { Operation } from "../../src/instrument/operation.ts";

/** Statements that change rows. SQLite reports the changes of the last such statement, which may be an earlier one. */
const CHANGING: ReadonlySet<string> = new Set(["INSERT", "UPDATE", "DELETE", "REPLACE"]);

/** Returns the number of rows that a run has changed, of the number that SQLite reports after it. */
export const changedRows = ({ changes }: { readonly changes?: unknown }, { info }: Operation): number =>
  CHANGING.has(info.name) ? Number(changes) : 0;
