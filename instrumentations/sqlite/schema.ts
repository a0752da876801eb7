import { unquoted } from "./full-text.ts";
import type { Token } from "./tokens.ts";

/** Whether the main database is meant, not an attached one; it is where the application names none. */
export const isMain = (schema: unknown): boolean =>
  schema === undefined || (typeof schema === "string" && schema.toLowerCase() === "main");

/** What a token stands for that is a name, which SQLite lets one write as a string too, or a string. */
export const textOf = (token: Token): string =>
  token.type === "literal" ? token.source.slice(1, -1).replaceAll("''", "'") : unquoted(token);
