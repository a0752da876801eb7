import { readFileSync } from "node:fs";
import { OPTIONS } from "./index.ts";
import type { Option } from "./option.ts";

const PAGE = "src/config/README.md";
/** Marks where the table begins and ends. */
const MARK = /<!-- \/?options -->/;

/** Generates the page of the options. */
export const generateOptions = (): Map<string, string> => new Map([[PAGE, emitOptions(readFileSync(PAGE, "utf8"))]]);

/** Writes the table of the options, as the code defines them, into a page. */
function emitOptions(readme: string): string {
  const rows = (Object.values(OPTIONS) as unknown as Option<unknown>[]).map(
    ({ variable, kind, fallback, doc }) =>
      `| \`${variable}\` | ${kind.accepts} | ${defaultOf(kind.show, fallback)} | ${doc} |`,
  );
  const table = ["| variable | accepts | default | what it does |", "| --- | --- | --- | --- |", ...rows].join("\n");
  const [before, , after] = readme.split(MARK);
  return `${before}<!-- options -->\n${table}\n<!-- /options -->${after}`;
}

function defaultOf(show: (value: unknown) => string, fallback: unknown): string {
  if (
    fallback === undefined ||
    fallback === "" ||
    fallback === Infinity ||
    (typeof fallback === "object" && Object.keys(fallback!).length === 0)
  )
    return "";
  return `\`${show(fallback)}\``;
}
