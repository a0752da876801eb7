import { unquoted } from "./full-text.ts";
import { tokenize, type Token } from "./tokens.ts";

/** What a `VACUUM` is asked to do. */
export interface Vacuum {
  /** Whether it is for the main database, not an attached one. */
  readonly isMain: boolean;
  /** Whether it leaves the database as it is, and writes a compacted copy. */
  readonly isCopy: boolean;
  /** The file of the copy where the statement names it; a value of the application, never to be shown. */
  readonly file: string | undefined;
}

/** `VACUUM`, `VACUUM main`, `VACUUM main INTO 'copy.db'` */
export function readVacuum(sql: string): Vacuum {
  const [, ...words] = tokenize(sql).filter(({ text }) => text !== ";");
  const schema = words[0]?.text === "INTO" ? undefined : words.shift();
  const [into, file, more] = words;
  return {
    isMain: schema === undefined || textOf(schema).toLowerCase() === "main",
    isCopy: into?.text === "INTO",
    file: file?.type === "literal" && more === undefined ? textOf(file) : undefined,
  };
}

/** A schema can be written as a string too. */
const textOf = (token: Token): string =>
  token.type === "literal" ? token.source.slice(1, -1).replaceAll("''", "'") : unquoted(token);
