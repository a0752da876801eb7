import { readFileSync } from "node:fs";
import { markdown, tableOf, type Report } from "./harness/report.ts";

const PAGE = "test/bench/README.md";
const RESULTS = "test/bench/results.json";
const SECTION = /<!-- costs -->[^]*<!-- \/costs -->/;

/** Generates the page of the costs. */
export function generateCosts(): Map<string, string> {
  const report = JSON.parse(readFileSync(RESULTS, "utf8")) as Report;
  return new Map([[PAGE, emitCosts(readFileSync(PAGE, "utf8"), report)]]);
}

/** Writes the table of costs that a run of the benchmark measured into a page. */
export function emitCosts(readme: string, report: Report): string {
  const { cells, notes } = tableOf(report);
  const source = `Node.js ${report.node}, ${report.machine}, medians of ${report.rounds} rounds, in parentheses the lowest and the highest.`;
  // Two spaces at the end of a line break it.
  const text = [source, markdown(cells), notes.join("  \n")].join("\n\n");
  return readme.replace(SECTION, () => `<!-- costs -->\n${text}\n<!-- /costs -->`);
}
