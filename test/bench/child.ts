/**
 * One measured process: `child.ts SCENARIO VARIANT`. Prints what the work costs under the variant, relative to
 * the same work done by an unobserved copy of the driver in the same process. The two take turns of about two
 * milliseconds, so that whatever else the machine does hits both alike.
 */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { SCENARIOS, type Scenario, type ScenarioName } from "./scenarios.ts";
import { inSpan, VARIANTS, type Variant, type VariantName } from "./variants.ts";

const PAIRS = 400;
const WARM_UP = 60;

const [scenarioName, variantName] = process.argv.slice(2) as [ScenarioName, VariantName];
const variant: Variant = VARIANTS[variantName];
const scenario: Scenario = SCENARIOS[scenarioName];
const require = createRequire(import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "stratascope-bench-"));

/** The driver from a folder that is no `node_modules`, with native code of its own: no hook knows it. */
function unobservedDriver(): typeof import("better-sqlite3") {
  const copy = join(folder, "driver");
  cpSync(dirname(require.resolve("better-sqlite3/package.json")), copy, {
    recursive: true,
    filter: (path) => !/\/(deps|src)$/.test(path),
  });
  return require(copy) as typeof import("better-sqlite3");
}

function chunkOf(Database: typeof import("better-sqlite3"), name: string, wrap?: Variant["wrap"]): () => void {
  const db = new Database(join(folder, name));
  const work = scenario.prepare(db);
  wrap?.(Object.getPrototypeOf(db.prepare("SELECT 1")));
  // A function of its own for each driver, so that the compiler treats neither as the other.
  // oxlint-disable-next-line typescript/no-implied-eval -- the text is the one below
  return new Function("work", "chunk", "return () => { for (let i = 0; i < chunk; i++) work(); }")(
    work,
    scenario.chunk,
  ) as () => void;
}

function time(run: () => void): number {
  const start = process.hrtime.bigint();
  run();
  return Number(process.hrtime.bigint() - start) / scenario.chunk;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

variant.setUp?.();
const bare = chunkOf(unobservedDriver(), "bare.db");
const observed = chunkOf(require("better-sqlite3") as typeof import("better-sqlite3"), "observed.db", variant.wrap);
const timeObserved = (): number => {
  let nanoseconds = 0;
  if (variant.inSpan) inSpan(() => void (nanoseconds = time(observed)));
  else nanoseconds = time(observed);
  return nanoseconds;
};

const pairs = Array.from({ length: PAIRS + WARM_UP }, () => ({ bare: time(bare), observed: timeObserved() })).slice(
  WARM_UP,
);
console.log(
  JSON.stringify({
    ratio: median(pairs.map((pair) => pair.observed / pair.bare)),
    nanoseconds: median(pairs.map((pair) => pair.bare)),
  }),
);
rmSync(folder, { recursive: true });
process.exit();
