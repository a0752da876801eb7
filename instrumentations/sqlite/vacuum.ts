import { MAX_ASKED } from "./query-plan.ts";
import { isMain, textOf } from "./schema.ts";
import type { Script } from "./sql.ts";
import { splitStatements, type Token } from "./tokens.ts";

/** What a `VACUUM` is asked to do. */
export interface Vacuum {
  /** Whether it is for the main database, not an attached one. */
  readonly isMain: boolean;
  /** Whether it leaves the database as it is, and writes a compacted copy. */
  readonly isCopy: boolean;
  /** The file of the copy where the statement names it; a value of the application, never to be shown. */
  readonly file: string | undefined;
}

/** The settings a VACUUM puts into effect; they take no time to speak of. */
const SETTINGS: ReadonlySet<string> = new Set(["pragma auto_vacuum", "pragma page_size"]);

/** The VACUUM a text consists of, beside settings for it: what else a script does would be timed with it. */
export function vacuumIn({ parts }: Script, sql: string): Vacuum | undefined {
  const at = parts.findIndex(({ verb }) => verb === "VACUUM");
  const isAlone = parts.every(({ summary }, i) => i === at || SETTINGS.has(summary.toLowerCase()));
  return at !== -1 && isAlone && sql.length <= MAX_ASKED ? readVacuum(splitStatements(sql)[at]!) : undefined;
}

/** `VACUUM`, `VACUUM main`, `VACUUM main INTO 'copy.db'` */
function readVacuum([, ...words]: Token[]): Vacuum {
  const schema = words[0]?.text === "INTO" ? undefined : words.shift();
  const [into, file, more] = words;
  return {
    isMain: isMain(schema && textOf(schema)),
    isCopy: into?.text === "INTO",
    file: file?.type === "literal" && more === undefined ? textOf(file) : undefined,
  };
}
