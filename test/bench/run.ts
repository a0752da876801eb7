/**
 * What observation costs, beside that of others: `npm run bench`.
 *
 *     --only startup,http             some of the scenarios
 *     --variants bare,stratascope     some of the variants; only what these need is installed
 *     --rounds 9                      more certainty
 *     --effort 0.1                    a share of the work, to see that it runs
 *     --json FILE                     the report for machines; README.md beside it shows the one in test/bench/results.json
 */
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { installPeers } from "./harness/peers.ts";
import { aligned, tableOf, type Report, type ReportRow } from "./harness/report.ts";
import { measureScenario } from "./harness/runner.ts";
import type { Bench } from "./harness/scenario.ts";
import { Sink } from "./harness/sink.ts";
import { titleOf, VARIANTS, VARIANT_NAMES, type Variant, type VariantName } from "./harness/variants.ts";
import { prove } from "./proof.ts";
import { SCENARIOS } from "./scenarios.ts";

const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: Object.keys(SCENARIOS).join() },
    variants: { type: "string", default: VARIANT_NAMES.join() },
    rounds: { type: "string", default: "5" },
    effort: { type: "string", default: "1" },
    json: { type: "string" },
  },
});

/** Those of a list that an option names, in the order of the list. */
function chosen<Name extends string>(option: string, list: readonly Name[]): Name[] {
  const names = option.split(",");
  const unknown = names.filter((name) => !(list as readonly string[]).includes(name));
  if (unknown.length > 0) throw new Error(`${unknown.join()}: there is ${list.join()}`);
  return list.filter((name) => names.includes(name));
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${text.padEnd(70)}`);
}

async function measureAll(names: readonly string[], variants: readonly VariantName[]): Promise<ReportRow[]> {
  const sink = new Sink();
  await sink.start();
  const bench: Bench = { sink, effort: Number(options.effort) };
  const plan = { variants, rounds: Number(options.rounds), progress };
  for (const variant of variants) {
    if (variant === "bare") continue;
    progress(`proof of ${variant}`);
    await prove(variant, sink);
  }
  const rows: ReportRow[] = [];
  for (const name of names) rows.push(...(await measureScenario(name, SCENARIOS[name]!, bench, plan)));
  sink.close();
  progress("");
  return rows;
}

const column = (variant: VariantName): Report["columns"][number] => {
  const { note }: Variant = VARIANTS[variant];
  return { variant, title: titleOf(VARIANTS[variant]), ...(note !== undefined && { note }) };
};

/** Every other variant is compared with the bare one. */
const variants = chosen(`bare,${options.variants}`, VARIANT_NAMES);
const names = chosen(options.only, Object.keys(SCENARIOS));
installPeers(variants.map((name) => VARIANTS[name]));
const report: Report = {
  node: process.versions.node,
  machine: `${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}`,
  rounds: Number(options.rounds),
  columns: variants.map(column),
  rows: await measureAll(names, variants),
};
const { cells, notes } = tableOf(report);
console.log(`Node.js ${report.node}, ${report.machine}, medians of ${report.rounds} rounds\n`);
console.log([aligned(cells), ...notes].join("\n"));
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
process.exit();
