/** What observation costs the work on other engines, where all that is recorded stays in the process. */
import { ENGINE_WORK, type EngineWorkName } from "./apps/engine-work.ts";
import type { Found } from "./apps/pair.ts";
import { MeasuredProcess } from "./harness/measured-process.ts";
import { scaled, type Bench, type Row, type Sample, type Scenario } from "./harness/scenario.ts";
import { sampling, VARIANTS, type VariantName } from "./harness/variants.ts";
import { OFFLINE } from "./sqlite.ts";

/** Chunks of observed work, each beside one of unobserved work. */
const PAIRS = 1_000;

const NOT_COVERED = "It shows nothing of these engines.";
const OTHERS = ["sdk", "plugin", "auto", "elastic", "dd-trace"] as const satisfies VariantName[];
const absent: Row["absent"] = Object.fromEntries(OTHERS.map((variant) => [variant, NOT_COVERED]));

const ratio = (title: string, aim?: number): Row => ({
  title: `${title}, trace sampled`,
  unit: "µs",
  compare: "ratio",
  ...(aim !== undefined && { aim }),
  absent,
});

const ROWS: Readonly<Record<EngineWorkName, Row>> = {
  "lmdb get": ratio("lmdb, get", 1.1),
  "lmdb put": ratio("lmdb, put, 100 at once", 1.05),
  "lmdb range of 10": ratio("lmdb, getRange of 10 records", 1.25),
  "classic-level getSync": ratio("classic-level, getSync", 1.15),
  "classic-level get": ratio("classic-level, get, 100 at once", 1.03),
  "classic-level put": ratio("classic-level, put, 100 at once", 1.03),
  // What is bare says what it does to its channel as well, where nobody of ours looks at it: 10 ns are the aim.
  "lru-cache get": ratio("lru-cache, get, with a subscriber of its own channel", 1.08),
  "duckdb prepared select": ratio("DuckDB, prepared select of one row", 1.01),
  "duckdb select": ratio("DuckDB, select of one row by a new text", 1.01),
  "duckdb insert": ratio("DuckDB, insert", 1.01),
  "duckdb transaction of one insert": ratio("DuckDB, transaction of one insert", 1.01),
  "pglite select": ratio("PGlite, select of one row", 1.01),
  "minisearch search": ratio("MiniSearch, search"),
  "minisearch replace": ratio("MiniSearch, replace"),
  "orama search": ratio("Orama, search"),
  "flexsearch search": ratio("FlexSearch, search"),
  "flexsearch update": ratio("FlexSearch, update"),
  "hnswlib-node searchKnn": ratio("hnswlib-node, searchKnn"),
  "usearch search": ratio("usearch, search"),
};

async function measureWork(work: EngineWorkName, variant: VariantName, bench: Bench): Promise<Sample> {
  const app = new MeasuredProcess("engine.ts", VARIANTS[variant], {
    args: [work, String(scaled(PAIRS, bench))],
    env: { ...OFFLINE, ...sampling(1) },
  });
  const { bare, observed, ratio: times } = await app.next<Found>();
  await app.ended;
  return { value: (variant === "bare" ? bare : observed) / 1e3, ratio: times };
}

const NAMES = Object.keys(ENGINE_WORK) as EngineWorkName[];

export const engines: Scenario<EngineWorkName> = {
  rows: ROWS,
  async measure(variant, bench) {
    const found: Partial<Record<EngineWorkName, Sample>> = {};
    for (const work of NAMES) found[work] = await measureWork(work, variant, bench);
    return found;
  },
};
