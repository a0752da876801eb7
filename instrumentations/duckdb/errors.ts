import { errorType } from "../../src/runtime/error-type.ts";
import type { FailureKind } from "../../src/instrument/open-instances.ts";
import type { Statement } from "./sql.ts";

/** Types of errors as DuckDB writes them in front of a message. A message has no code. */
const TYPES: ReadonlySet<string> = new Set(
  `Binder,Catalog,Connection,Constraint,Conversion,Decimal,Dependency,Divide by Zero,Executor,Expression,
Extension Autoloading,FATAL,HTTP,INTERNAL,INTERRUPT,IO,Index,Invalid,Invalid Configuration,Invalid Input,Invalid type,
Mismatch Type,Missing Extension,Network,Not implemented,NullPointer,Object Size,Optimizer,Out of Memory,Out of Range,
Parameter Not Allowed,Parameter Not Resolved,Parser,Permission,Planner,Scheduler,Sequence,Serialization,Settings,Stat,
Syntax,TransactionContext,Unknown Type`.split(/,\s*/),
);

/** Words that the package writes in front of a message of DuckDB. */
const BY_PACKAGE = /^(?:Failed to extract statements|Failure running pending result task): /;

/** Beginning of the message of a commit that the file system refuses. */
const UNWRITTEN = "TransactionContext Error: Failed to commit: Could not ";

/** Beginning of the message of an appender, which has no type. */
const APPEND = "Failed to append: ";

/** Characters in which the type of an error ends. */
const MAX_TYPE = 80;

/** Returns the message of an error of DuckDB; an empty text for anything else. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  const message: unknown = Object.getOwnPropertyDescriptor(error, "message")?.value;
  return typeof message === "string" ? message.slice(0, 2 * MAX_TYPE).replace(BY_PACKAGE, "") : "";
}

/** Returns the type of an error as DuckDB writes it; undefined for an error that is not from DuckDB. */
function typeIn(message: string): string | undefined {
  if (message.startsWith(UNWRITTEN)) return "IO";
  if (message.startsWith(APPEND)) return "Append";
  const end = message.slice(0, MAX_TYPE).indexOf(" Error: ");
  const type = message.slice(0, Math.max(0, end));
  return TYPES.has(type) ? type : undefined;
}

/** Returns the `error.type` of an error: DuckDB's type, such as `ConstraintError`, otherwise what any error is called. */
export function errorTypeOf(error: unknown): string {
  const type = typeIn(messageOf(error));
  return type === undefined ? errorType(error) : nameOf(type);
}

/** Writes `Out of Memory` as `OutOfMemoryError`, and `INTERRUPT` as `InterruptError`. */
function nameOf(type: string): string {
  const words = type.split(" ").map((word) => {
    const isShouted = word.length > MAX_ACRONYM && word === word.toUpperCase();
    return word[0]!.toUpperCase() + (isShouted ? word.slice(1).toLowerCase() : word.slice(1));
  });
  return `${words.join("")}Error`;
}

const MAX_ACRONYM = 4;

/** Beginnings of the messages by which another transaction was faster, after the type of the error. */
const CONFLICT =
  /^TransactionContext Error: (?:Failed to commit: )?(?:(?:Catalog )?write-write conflict|Conflict on|PRIMARY KEY or UNIQUE constraint)/i;

export const isConflict = (error: unknown): boolean => CONFLICT.test(messageOf(error));

/** Types of the errors that leave a transaction usable, as DuckDB finds them before it runs a statement. */
const HARMLESS: ReadonlySet<string> = new Set(["Binder", "Catalog", "Parser"]);

/** Refusal of a prepared statement that has no value for each of its parameters, before it runs. */
const UNBOUND = "Invalid Input Error: Values were not provided";

/** Tells whether DuckDB ran a statement that failed; it then refuses all others of the transaction, and its commit. */
export function hasRun(error: unknown, { verb, role }: Statement): boolean {
  const message = messageOf(error);
  const type = typeIn(message);
  if (type === undefined) return false;
  // They are statements that run others.
  if (message.startsWith(UNBOUND)) return verb === "EXECUTE";
  return !HARMLESS.has(type) || role === "copy database";
}

/** Refusal of a statement as there is no transaction to end. */
const NO_TRANSACTION = /^TransactionContext Error: cannot (?:commit|rollback) - no transaction is active/;

export const isWithoutTransaction = (error: unknown): boolean => NO_TRANSACTION.test(messageOf(error));

const STORAGE: ReadonlySet<string> = new Set(["IOError", "SerializationError", "FatalError", "InternalError"]);

/** Classifies an `error.type`. */
export function failureKindOf(type: string): FailureKind {
  if (type === "TransactionContextError") return "contention";
  return STORAGE.has(type) ? "storage" : "application";
}
