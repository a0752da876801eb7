import { errorType as nameOfError } from "../../src/runtime/error-type.ts";

/** Symbols of the codes of LMDB that its errors carry as numbers. */
const CODES: Readonly<Record<number, string>> = {
  [-30799]: "MDB_KEYEXIST",
  [-30798]: "MDB_NOTFOUND",
  [-30797]: "MDB_PAGE_NOTFOUND",
  [-30796]: "MDB_CORRUPTED",
  [-30795]: "MDB_PANIC",
  [-30794]: "MDB_VERSION_MISMATCH",
  [-30793]: "MDB_INVALID",
  [-30792]: "MDB_MAP_FULL",
  [-30791]: "MDB_DBS_FULL",
  [-30790]: "MDB_READERS_FULL",
  [-30789]: "MDB_TLS_FULL",
  [-30788]: "MDB_TXN_FULL",
  [-30787]: "MDB_CURSOR_FULL",
  [-30786]: "MDB_PAGE_FULL",
  [-30785]: "MDB_MAP_RESIZED",
  [-30784]: "MDB_INCOMPATIBLE",
  [-30783]: "MDB_BAD_RSLOT",
  [-30782]: "MDB_BAD_TXN",
  [-30781]: "MDB_BAD_VALSIZE",
  [-30780]: "MDB_BAD_DBI",
  [-30779]: "MDB_PROBLEM",
};

/** Returns the `error.type` of an error: the code of LMDB, otherwise what any error is called. */
export function errorTypeOf(error: unknown): string {
  if (isCommitFailure(error)) return "COMMIT_FAILED";
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return (typeof code === "number" ? CODES[code] : undefined) ?? nameOfError(error);
}

/** Tells whether the commit failed: its reason follows by another promise. */
export const isCommitFailure = (error: unknown): boolean =>
  error instanceof Error && "commitError" in error && error.commitError instanceof Promise;

/** What a write whose condition was not met is reported by. */
export const CONDITION_FAILED = Object.freeze({ code: "CONDITION_FAILED" });
