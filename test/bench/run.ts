/**
 * What observation costs: `npm run bench`, with `--json FILE` for machines and `--rounds N` for more certainty.
 *
 * Every variant runs in a process of its own, where it takes turns with unobserved work, so only ratios within
 * milliseconds are compared. The processes of the variants follow each other in rounds.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { hotRecord } from "./hot-record.ts";
import { measureHttp } from "./http.ts";
import { measureScrape } from "./scrape.ts";
import { SCENARIOS, type ScenarioName } from "./scenarios.ts";
import { measureStartup, type StartupMeasurement } from "./startup.ts";
import { OFFLINE_PROVIDER, REGISTER, VARIANTS, type Variant, type VariantName } from "./variants.ts";

const { values: options } = parseArgs({
  options: { json: { type: "string" }, rounds: { type: "string", default: "5" } },
});

/** What one process found. */
interface Measurement {
  readonly ratio: number;
  readonly nanoseconds: number;
}

interface Result {
  readonly scenario: ScenarioName;
  readonly variant: VariantName;
  /** Time relative to unobserved work: the median of the rounds. */
  readonly ratio: number;
  /** The lowest and the highest of the rounds. */
  readonly range: readonly [number, number];
  /** Nanoseconds of a unit of unobserved work; depends on the machine. */
  readonly bare: number;
}

function measure(scenario: ScenarioName, name: VariantName): Measurement {
  const { preload, env }: Variant = VARIANTS[name];
  const flags = [
    "--experimental-strip-types",
    "--disable-warning=ExperimentalWarning",
    ...(preload ? ["--require", OFFLINE_PROVIDER, "--require", REGISTER] : []),
  ];
  const script = [join(import.meta.dirname, "child.ts"), scenario, name];
  return JSON.parse(
    execFileSync(process.execPath, [...flags, ...script], { env: { ...process.env, ...env }, encoding: "utf8" }),
  ) as Measurement;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

function summarise(scenario: ScenarioName, variant: VariantName, measurements: readonly Measurement[]): Result {
  const ratios = measurements.map(({ ratio }) => ratio);
  const bare = median(measurements.map(({ nanoseconds }) => nanoseconds));
  return { scenario, variant, ratio: median(ratios), range: [Math.min(...ratios), Math.max(...ratios)], bare };
}

const scenarios = Object.keys(SCENARIOS) as ScenarioName[];
const variants = Object.keys(VARIANTS) as VariantName[];
const found = new Map<string, Measurement[]>();
for (let round = 0; round < Number(options.rounds); round++) {
  for (const scenario of scenarios) {
    for (const variant of variants) {
      const key = `${scenario} ${variant}`;
      found.set(key, [...(found.get(key) ?? []), measure(scenario, variant)]);
      process.stderr.write(`\rround ${round + 1} of ${options.rounds}: ${key.padEnd(50)}`);
    }
  }
}
process.stderr.write(`\r${"".padEnd(70)}\r`);

const results = scenarios.flatMap((scenario) =>
  variants.map((variant) => summarise(scenario, variant, found.get(`${scenario} ${variant}`)!)),
);
const record = hotRecord();
const http = await measureHttp(Number(options.rounds));
const startup = await measureStartup(Number(options.rounds));
const scrape = await measureScrape();

console.log(`Node.js ${process.versions.node}, ${cpus()[0]?.model}, ${options.rounds} rounds`);
for (const scenario of scenarios) {
  const own = results.filter((result) => result.scenario === scenario);
  console.log(`\n${scenario}: ${SCENARIOS[scenario].doc}, ${(own[0]!.bare / 1000).toFixed(2)} us unobserved`);
  for (const { variant, ratio, range } of own) {
    console.log(
      `  ${variant.padEnd(32)} ${ratio.toFixed(3)} x unobserved  (rounds ${range[0].toFixed(2)} to ${range[1].toFixed(2)})`,
    );
  }
}
console.log(
  `\nHTTP request: processor time of a server that says hello, ${http[0]!.microseconds.toFixed(1)} us unobserved`,
);
for (const { variant, ratio, microseconds } of http) {
  console.log(`  ${variant.padEnd(34)} ${ratio.toFixed(2)} x unobserved  (${microseconds.toFixed(1)} us)`);
}
console.log(
  `\none record into a histogram: ${record.hot.toFixed(1)} ns, into one of the SDK: ${record.sdk.toFixed(0)} ns`,
);

const STARTUPS: Readonly<Record<StartupMeasurement, string>> = {
  service: "a server until it has answered its first request",
  command: "a command that does nothing, to its end",
  worker: "a worker that does nothing, to its end",
};
for (const [measurement, doc] of Object.entries(STARTUPS)) {
  const [bare, ...others] = startup.filter((result) => result.measurement === measurement);
  const size = (mebibytes: number | undefined): string =>
    mebibytes === undefined ? "" : ` ${mebibytes.toFixed(1)} MiB`;
  console.log(`\nstart of ${doc}: ${bare!.milliseconds.toFixed(1)} ms${size(bare!.mebibytes)} unobserved`);
  for (const { variant, milliseconds, mebibytes } of others) {
    const more = mebibytes === undefined ? undefined : mebibytes - bare!.mebibytes!;
    console.log(`  ${variant.padEnd(34)} ${(milliseconds - bare!.milliseconds).toFixed(1)} ms${size(more)} more`);
  }
}
console.log(
  `\none scrape of 500 histograms: ${scrape.ours.toFixed(1)} ms of the main thread, through the exporter of the SDK: ${scrape.sdk.toFixed(1)} ms`,
);
if (options.json !== undefined)
  writeFileSync(
    options.json,
    `${JSON.stringify({ node: process.versions.node, results, http, record, startup, scrape }, null, 2)}\n`,
  );
