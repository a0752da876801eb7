import { MAX_ASKED } from "./query-plan.ts";
import { isMain, textOf } from "./schema.ts";
import type { Script } from "./sql.ts";
import { splitStatements, type Token } from "../sql/tokens.ts";

/** Parsed `VACUUM` statement. */
export interface Vacuum {
  /** True if it applies to the main database, not an attached one. */
  readonly isMain: boolean;
  /** True if it leaves the database unchanged and writes a compacted copy. */
  readonly isCopy: boolean;
  /** The file of the copy, if the statement names it. It is a value of the application and must not be exported. */
  readonly file: string | undefined;
}

/** Settings that a VACUUM puts into effect; their own duration is negligible. */
const SETTINGS: ReadonlySet<string> = new Set(["pragma auto_vacuum", "pragma page_size"]);

/**
 * Returns the VACUUM of a text that consists of it and settings for it only: other statements of a script would be
 * timed with it.
 */
export function vacuumIn({ parts }: Script, sql: string): Vacuum | undefined {
  const at = parts.findIndex(({ verb }) => verb === "VACUUM");
  const isAlone = parts.every(({ summary }, i) => i === at || SETTINGS.has(summary.toLowerCase()));
  return at !== -1 && isAlone && sql.length <= MAX_ASKED ? readVacuum(splitStatements(sql)[at]!) : undefined;
}

/** Parses `VACUUM`, `VACUUM main` or `VACUUM main INTO 'copy.db'`. */
function readVacuum([, ...words]: Token[]): Vacuum {
  const schema = words[0]?.text === "INTO" ? undefined : words.shift();
  const [into, file, more] = words;
  return {
    isMain: isMain(schema && textOf(schema)),
    isCopy: into?.text === "INTO",
    file: file?.type === "literal" && more === undefined ? textOf(file) : undefined,
  };
}
