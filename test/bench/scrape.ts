/** What one scrape of `/metrics` costs the main thread, in processor time. */
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import Database from "better-sqlite3";
import { freePort } from "../../collector-config/stack/ports.ts";
import { temporaryFolder } from "../helpers/temp.ts";
import { get } from "./harness/get.ts";
import { MeasuredProcess } from "./harness/measured-process.ts";
import { scaled, type Bench, type Row, type Sample, type Scenario } from "./harness/scenario.ts";
import { settings, VARIANTS, type VariantName } from "./harness/variants.ts";

const HISTOGRAMS = 500;
const SCRAPES = 10;
/** A quarter of an hour of a service that is scraped every 30 s. */
const WARM_UP = 30;

const NO_ENDPOINT: Row["absent"] = {
  bare: "There is nothing to scrape.",
  plugin: "It has no metrics.",
  "dd-trace": "It has no endpoint to scrape.",
};
const NOT_SEEN = "It has no metrics of better-sqlite3.";

/** An application with many histograms, and how they begin in the page. */
interface Subject {
  readonly app: string;
  readonly args: readonly string[];
  readonly series: RegExp;
}

/** A database with a table for each histogram, made by nobody who is measured. */
function tables(): string {
  const file = join(temporaryFolder(), "tables.db");
  const db = new Database(file);
  db.transaction(() => {
    for (let i = 0; i < HISTOGRAMS; i++) db.exec(`CREATE TABLE t${i} (k INTEGER PRIMARY KEY)`);
  })();
  db.close();
  return file;
}

const own: Subject = {
  app: "histograms.cjs",
  args: [String(HISTOGRAMS)],
  series: /^bench_operation_duration(_seconds)?_count\{/gm,
};

let file: string | undefined;
const storage = (): Subject => ({
  app: "statements.cjs",
  args: [(file ??= tables()), String(HISTOGRAMS)],
  series: /^db_client_operation_duration_seconds_count\{/gm,
});

/** An endpoint can begin to listen after the application does. */
async function open(url: string): Promise<void> {
  while (
    !(await get(url).then(
      () => true,
      () => false,
    ))
  )
    await setTimeout(20);
}

async function measureSubject(variant: VariantName, { app, args, series }: Subject, bench: Bench): Promise<Sample> {
  const port = await freePort();
  const env = {
    ...settings(bench.sink.url),
    OTEL_METRICS_EXPORTER: "prometheus",
    OTEL_EXPORTER_PROMETHEUS_HOST: "127.0.0.1",
    OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
  };
  const service = new MeasuredProcess(app, VARIANTS[variant], { args, env });
  await service.next();
  const url = `http://127.0.0.1:${port}/metrics`;
  await open(url);
  const seen = (await get(url)).match(series)?.length ?? 0;
  if (seen < HISTOGRAMS) throw new Error(`${variant} shows ${seen} of ${HISTOGRAMS} histograms`);
  for (let i = 0; i < scaled(WARM_UP, bench); i++) await get(url);
  const before = await service.ask<number>();
  const scrapes = scaled(SCRAPES, bench);
  for (let i = 0; i < scrapes; i++) await get(url);
  const after = await service.ask<number>();
  await service.kill();
  return { value: (after - before) / scrapes / 1e3 };
}

export const scrape: Scenario<"own" | "storage"> = {
  rows: {
    own: {
      title: `scrape, ${HISTOGRAMS} histograms of the application's own`,
      unit: "ms",
      compare: "itself",
      aim: 10,
      absent: NO_ENDPOINT,
    },
    storage: {
      title: `scrape, ${HISTOGRAMS} histograms of storage`,
      unit: "ms",
      compare: "itself",
      aim: 10,
      absent: { ...NO_ENDPOINT, sdk: NOT_SEEN, auto: NOT_SEEN, elastic: NOT_SEEN },
    },
  },
  async measure(variant, bench) {
    const found = { own: await measureSubject(variant, own, bench) };
    return variant === "stratascope" ? { ...found, storage: await measureSubject(variant, storage(), bench) } : found;
  },
};
