import { OPTIONS } from "../../src/config/index.ts";
import type { Option } from "../../src/config/option.ts";

const SECTION = /<!-- options -->[^]*<!-- \/options -->/;

/** Puts the table of options, as the code has them, into a page. */
export function emitOptions(readme: string): string {
  const rows = (Object.values(OPTIONS) as unknown as Option<unknown>[]).map(
    ({ variable, kind, fallback, doc }) =>
      `| \`${variable}\` | ${kind.accepts} | ${defaultOf(kind.show, fallback)} | ${doc} |`,
  );
  const table = ["| variable | accepts | default | what it does |", "| --- | --- | --- | --- |", ...rows].join("\n");
  return readme.replace(SECTION, `<!-- options -->\n${table}\n<!-- /options -->`);
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
