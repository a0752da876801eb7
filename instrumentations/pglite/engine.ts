import { errorType } from "../../src/runtime/error-type.ts";

/** Object of the class `PGlite`, as far as it is used here. */
export interface Pglite {
  readonly ready: boolean;
  /** Only of a database in a folder is there a `rootDir`. */
  readonly fs?: { readonly rootDir?: unknown };
  /** The compiled PostgreSQL; undefined before it is loaded, and when it is closed. */
  readonly mod?: PostgresModule;
}

/** Functions and variables of the compiled PostgreSQL; versions can have others. */
export interface PostgresModule {
  /** The memory; another array when it has grown. */
  readonly HEAPU8: Uint8Array;
  readonly _IsTransactionBlock?: () => number;
  /** Address of `pgWalUsage`, in which PostgreSQL counts what it writes to its log. */
  readonly _pgWalUsage?: unknown;
  /** Address of `pgBufferUsage`, in which it counts the pages it uses. */
  readonly _pgBufferUsage?: unknown;
}

/** Code of an error of PostgreSQL: its SQLSTATE, such as `23505`. */
const SQLSTATE = /^[0-9A-Z]{5}$/;

/** Returns the SQLSTATE of an error of PostgreSQL, otherwise the code or class of the error. */
export function errorTypeOf(error: unknown): string {
  const code: unknown = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === "string" && SQLSTATE.test(code) ? code : errorType(error);
}
