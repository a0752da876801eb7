import { unquoted } from "./full-text.ts";
import type { Token } from "../sql/tokens.ts";

/** Tells whether a schema is the main database rather than an attached one. The main database is the default. */
export const isMain = (schema: unknown): boolean =>
  schema === undefined || (typeof schema === "string" && schema.toLowerCase() === "main");

/** Returns the content of a token that is a string or a name; SQLite permits a name to be written as a string. */
export const textOf = (token: Token): string =>
  token.type === "literal" ? token.source.slice(1, -1).replaceAll("''", "'") : unquoted(token);
