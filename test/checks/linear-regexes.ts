/**
 * Proves that every regular expression of what is shipped is linear in the length of its input: `npm run check:regexes`.
 * One that is not can be made to block the event loop by a header, a statement or a name from outside.
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync, Visitor } from "oxc-parser";
import { checkSync } from "recheck";

// The other ways to run it are programs for one platform.
process.env["RECHECK_BACKEND"] = "pure";

const ROOT = join(import.meta.dirname, "../..");

/** A regular expression in a source file. */
export interface FoundRegex {
  readonly place: string;
  readonly source: string;
  readonly flags: string;
}

/** Finds the regular expressions of a file; one that is put together at run time has to be made of constants. */
export function regexesIn(file: string, text: string): FoundRegex[] {
  const found: FoundRegex[] = [];
  const place = (offset: number): string => `${file}:${text.slice(0, offset).split("\n").length}`;
  new Visitor({
    Literal(node) {
      if ("regex" in node)
        found.push({ place: place(node.start), source: node.regex.pattern, flags: node.regex.flags });
    },
    NewExpression(node) {
      if (node.callee.type !== "Identifier" || node.callee.name !== "RegExp") return;
      found.push({ place: place(node.start), source: "", flags: "" });
    },
  }).visit(parseSync(file, text).program);
  return found;
}

/** Describes why a regular expression is not proven linear; undefined where it is. */
export function problemOf({ place, source, flags }: FoundRegex): string | undefined {
  if (source === "") return `${place}: put together at run time, which nothing proves linear; write it as a literal`;
  const verdict = checkSync(source, flags, { checker: "automaton", timeout: 20_000 });
  if (verdict.status === "safe") return undefined;
  return `${place}: /${source}/${flags} is ${verdict.status === "vulnerable" ? verdict.complexity.summary : "not proven"}`;
}

if (process.argv[1] === import.meta.filename) {
  const files = globSync(["src/**/*.ts", "instrumentations/**/*.ts", "semconv/*.ts", "register/*.js"], { cwd: ROOT });
  const regexes = files.flatMap((file) => regexesIn(file, readFileSync(join(ROOT, file), "utf8")));
  const problems = regexes.map(problemOf).filter((problem) => problem !== undefined);
  for (const problem of problems) console.error(problem);
  console.log(`${regexes.length - problems.length} of ${regexes.length} regular expressions are linear`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
