/**
 * Prints what work on an engine costs, next to the same work on an unobserved copy in the same process:
 *
 *     node test/bench/engines.ts "minisearch search" "usearch search"
 *
 * All work of `apps/engine-work.ts` by default. Each is done inside of a trace that is sampled, and of one that is not.
 */
import { fork } from "node:child_process";
import { join } from "node:path";
import { ENGINE_WORK } from "./apps/engine-work.ts";
import type { Found } from "./apps/pair.ts";
import { median } from "./harness/median.ts";

const PAIRS = "200";
const ROUNDS = 3;

const OFFLINE = { OTEL_TRACES_EXPORTER: "none", OTEL_METRICS_EXPORTER: "none", OTEL_LOGS_EXPORTER: "none" };

/** Runs one work in a process of its own. */
function measure(work: string, sampler: string): Promise<Found> {
  const app = fork(join(import.meta.dirname, "apps/engine.ts"), [work, PAIRS], {
    execArgv: ["--require", join(import.meta.dirname, "../../register")],
    env: { ...process.env, ...OFFLINE, OTEL_TRACES_SAMPLER: sampler },
  });
  return new Promise((resolve, reject) => {
    app.once("message", (found) => resolve(found as Found));
    app.once("exit", (code) => reject(new Error(`"${work}" ended with ${code}`)));
  });
}

const shown = (ratios: readonly number[]): string => {
  const [lowest, highest] = [Math.min(...ratios), Math.max(...ratios)];
  return `× ${median([...ratios]).toFixed(2)} (${lowest.toFixed(2)} to ${highest.toFixed(2)})`;
};

const [, , ...names] = process.argv;
console.log("| work | bare | trace sampled | trace not sampled |\n| --- | --- | --- | --- |");
for (const work of names.length > 0 ? names : Object.keys(ENGINE_WORK)) {
  const found: Record<"always_on" | "always_off", Found[]> = { always_on: [], always_off: [] };
  for (let round = 0; round < ROUNDS; round++)
    for (const sampler of ["always_on", "always_off"] as const) found[sampler].push(await measure(work, sampler));
  const bare = median(found.always_off.map((each) => each.bare)) / 1e3;
  const cells = [found.always_on, found.always_off].map((all) => shown(all.map(({ ratio }) => ratio)));
  console.log(`| ${work} | ${bare.toFixed(2)} µs | ${cells.join(" | ")} |`);
}
