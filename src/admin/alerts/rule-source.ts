import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { DEFAULT_RULES } from "./default-rules.ts";
import type { CompleteRule } from "../../alerts/rule.ts";
import { completeRule } from "./rule.ts";

const require = createRequire(import.meta.filename);

/** Valid rules, and a description of each invalid one. */
export interface Rules {
  readonly rules: readonly CompleteRule[];
  readonly problems: readonly string[];
}

/** Pattern of inline rules, in JSON or YAML; any other text is the name of a file. */
const INLINE = /^\s*[[{-]|\n/;

/**
 * Reads the rules of `STRATASCOPE_ALERTS`: a list of them, or an object with the list as `rules`.
 * @param text the name of a file, the rules themselves, or `default`
 */
export function readRules(text: string): Rules {
  if (text === "default") return { rules: DEFAULT_RULES.map(completeRule), problems: [] };
  // Loading the parser takes longer than everything else, so it is loaded only if there are rules.
  const { parse } = require("yaml") as typeof import("yaml");
  let given: unknown;
  try {
    given = parse(INLINE.test(text) ? text : readFileSync(text, "utf8"));
  } catch (error) {
    const [reason] = (error as Error).message.split("\n", 1);
    return { rules: [], problems: [`cannot be read (${reason}); there are no alerts`] };
  }
  const list = Array.isArray(given) ? given : (given as { readonly rules?: unknown } | null)?.rules;
  if (!Array.isArray(list)) return { rules: [], problems: ["has no list of rules; there are no alerts"] };
  const problems: string[] = [];
  const rules = list.flatMap((each: unknown, i) => {
    try {
      return completeRule(each);
    } catch (error) {
      problems.push(`rule ${i + 1} ${(error as Error).message}; it is left out`);
      return [];
    }
  });
  return { rules, problems };
}
