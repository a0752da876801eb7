import { markdown, tableOf, type Report } from "../../test/bench/harness/report.ts";

const SECTION = /<!-- costs -->[^]*<!-- \/costs -->/;

/** Puts the table of costs that a run of the benchmark found into a page. */
export function emitCosts(readme: string, report: Report): string {
  const { cells, notes } = tableOf(report);
  const source = `Node.js ${report.node}, ${report.machine}, medians of ${report.rounds} rounds, in parentheses the lowest and the highest.`;
  // Two spaces at the end of a line break it.
  const text = [source, markdown(cells), notes.join("  \n")].join("\n\n");
  return readme.replace(SECTION, () => `<!-- costs -->\n${text}\n<!-- /costs -->`);
}
