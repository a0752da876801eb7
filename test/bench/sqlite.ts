/** What observation costs the work on SQLite itself, where all that is recorded stays in the process. */
import type { Found } from "./apps/pair.ts";
import type { WorkName } from "./apps/work.ts";
import { MeasuredProcess } from "./harness/measured-process.ts";
import { scaled, type Bench, type Row, type Sample, type Scenario } from "./harness/scenario.ts";
import { sampling, VARIANTS, type VariantName } from "./harness/variants.ts";

/** Chunks of observed work, each beside one of unobserved work. */
const PAIRS = 400;

const NOT_COVERED = "It does not cover better-sqlite3: it shows nothing of it.";
export const NOT_OBSERVED: Row["absent"] = { auto: NOT_COVERED, elastic: NOT_COVERED, "dd-trace": NOT_COVERED };

/** What Node.js is given with the arguments of a variant, to have it observe better-sqlite3. */
export const WITH_SPANS: Readonly<Partial<Record<VariantName, readonly string[]>>> = {
  sdk: ["--require", "./spans.cjs"],
};

/** Nothing is sent during a measurement: what that costs is a matter of how much is recorded, not of how. */
export const OFFLINE = {
  OTEL_TRACES_EXPORTER: "otlp",
  // A queue takes what it has room for, and nothing leaves it.
  OTEL_BSP_SCHEDULE_DELAY: "3600000",
  OTEL_METRICS_EXPORTER: "prometheus",
  OTEL_EXPORTER_PROMETHEUS_PORT: "0",
  OTEL_LOGS_EXPORTER: "none",
  STRATASCOPE_SPOOL: "false",
  STRATASCOPE_SPAN_BUDGET: "0",
};

async function measureWork(work: WorkName, variant: VariantName, ratio: number, bench: Bench): Promise<Sample> {
  const { folder, nodeArgs } = VARIANTS[variant];
  const app = new MeasuredProcess(
    "sqlite.ts",
    { folder, nodeArgs },
    {
      args: [work, String(scaled(PAIRS, bench))],
      nodeArgs: WITH_SPANS[variant] ?? [],
      env: { ...OFFLINE, ...sampling(ratio) },
    },
  );
  const { bare, observed, ratio: times } = await app.next<Found>();
  await app.ended;
  // Without instrumentation both are bare.
  return { value: (variant === "bare" ? bare : observed) / 1e3, ratio: times };
}

/** @param aims for a recording parent and for one that is not */
function scenario(work: WorkName, title: string, [recording, not]: readonly [number, number]): Scenario<"on" | "off"> {
  const row = (parent: string, aim: number): Row => ({
    title: `${title}, ${parent}`,
    unit: "µs",
    compare: "ratio",
    aim,
    absent: NOT_OBSERVED,
  });
  return {
    rows: { on: row("trace sampled", recording), off: row("trace not sampled", not) },
    async measure(variant, bench) {
      const off = await measureWork(work, variant, 0, bench);
      // Without instrumentation nothing is sampled.
      return { off, on: variant === "bare" ? off : await measureWork(work, variant, 1, bench) };
    },
  };
}

export const pointRead: Scenario = scenario("point read", "SELECT by primary key", [1.06, 1.05]);
export const transaction: Scenario = scenario("transaction", "transaction of 4 reads and 3 writes", [1.1, 1.1]);
