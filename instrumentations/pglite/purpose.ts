import type { StorageCompactionType, StorageSearchType } from "../../semconv/index.ts";
import type { Token } from "../sql/tokens.ts";

/** Work of a statement that is an activity as well. */
export type Purpose =
  | { readonly checkpoint: true }
  | { readonly compaction: StorageCompactionType }
  | { readonly search: StorageSearchType };

const COMPACTIONS: Readonly<Record<string, StorageCompactionType>> = {
  VACUUM: "vacuum",
  CLUSTER: "cluster",
  REINDEX: "reindex",
};

/** Functions of which a statement that calls one searches for words. */
const FULL_TEXT: ReadonlySet<string> = new Set([
  "TO_TSQUERY",
  "PLAINTO_TSQUERY",
  "PHRASETO_TSQUERY",
  "WEBSEARCH_TO_TSQUERY",
  "TS_RANK",
  "TS_RANK_CD",
]);

/** Operators of pgvector by which the nearest vectors come first. */
const DISTANCES: ReadonlySet<string> = new Set(["<->", "<=>", "<#>", "<+>", "<~>", "<%>"]);

/** Returns what a statement does beside reading and writing. */
export function purposeOf(verb: string, tokens: readonly Token[]): Purpose | undefined {
  if (verb === "CHECKPOINT") return { checkpoint: true };
  const compaction = Object.hasOwn(COMPACTIONS, verb) ? COMPACTIONS[verb] : undefined;
  if (compaction !== undefined) return { compaction };
  const search = verb === "SELECT" ? searchIn(tokens) : undefined;
  return search && { search };
}

/** Finds a search in a query: one for words, or one that is ordered by the distance of vectors and has a limit. */
function searchIn(tokens: readonly Token[]): StorageSearchType | undefined {
  if (tokens.some((_, at) => isFullText(tokens, at))) return "fulltext";
  const order = tokens.findLastIndex(({ text }, at) => text === "ORDER" && tokens[at + 1]?.text === "BY");
  if (order === -1 || !tokens.some(({ text }) => text === "LIMIT" || text === "FETCH")) return undefined;
  const isVector = tokens.some(
    ({ text }, at) => at > order && text === "<" && DISTANCES.has(operatorAt(tokens, at, 3)),
  );
  return isVector ? "vector" : undefined;
}

function isFullText(tokens: readonly Token[], at: number): boolean {
  const { type, text } = tokens[at]!;
  if (type === "word") return FULL_TEXT.has(text) && tokens[at + 1]?.text === "(";
  return text === "@" && operatorAt(tokens, at, 2) === "@@";
}

/** Returns the operator that a number of symbols form which are written without a space. */
function operatorAt(tokens: readonly Token[], at: number, length: number): string {
  const symbols = tokens.slice(at, at + length);
  const isOne = symbols.every(({ type, spaced }, i) => type === "symbol" && (i === 0 || !spaced));
  return isOne ? symbols.map(({ text }) => text).join("") : "";
}
