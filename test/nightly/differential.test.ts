import { describe, it } from "mocha";
import { compareSeeds, DAMAGING, PROGRAMS } from "../helpers/differential.ts";
import { build, OLDER_DRIVERS, WITH_DRIVER } from "../helpers/drivers.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";

/** Others every night, and the same again with `FUZZ_SEED`. */
const FIRST = Number(process.env["FUZZ_SEED"] ?? Math.floor(Date.now() / 86_400_000) * 1_000);
const SEEDS = 1_000;

/** Settings under which other code of ours runs. */
const SETTINGS: readonly Readonly<Record<string, string>>[] = [
  {},
  { STRATASCOPE_SPANS: "all", STRATASCOPE_TIMING_PERCENT: "0" },
  { STRATASCOPE_TIMING_PERCENT: "0.001", STRATASCOPE_SLOW_OPERATION_MS: "0.001", STRATASCOPE_LONG_OPEN_MS: "1" },
  { STRATASCOPE_HTTP: "instrumentation-http" },
];

describe(`an application that does random things with an older better-sqlite3, from seed ${FIRST}`, () => {
  for (const driver of OLDER_DRIVERS) {
    it(`sees the same with ${driver}`, async function () {
      this.timeout(1_800_000);
      await build(driver);
      await compareSeeds({
        program: "better-sqlite3",
        from: FIRST,
        to: FIRST + SEEDS / SETTINGS.length,
        node: process.execPath,
        env: { BETTER_SQLITE3: driver },
        flags: ["--disable-warning=ExperimentalWarning", "--import", WITH_DRIVER],
      });
    });
  }
});

describe(`an application whose files are damaged, from seed ${FIRST}`, () => {
  for (const version of SUPPORTED) {
    for (const program of DAMAGING) {
      it(`sees the same: ${program} on Node.js ${version}`, async function () {
        this.timeout(1_800_000);
        // What is polled is polled in the middle of everything, and nobody receives it.
        const env = {
          OTEL_METRICS_EXPORTER: "otlp",
          OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9",
          OTEL_METRIC_EXPORT_INTERVAL: "20",
          OTEL_METRIC_EXPORT_TIMEOUT: "20",
          OTEL_LOG_LEVEL: "none",
        };
        await compareSeeds({ program, from: FIRST, to: FIRST + SEEDS, node: nodeOf(version), env });
      });
    }
  }
});

describe(`an application that does random things, from seed ${FIRST}`, () => {
  for (const version of SUPPORTED) {
    for (const program of PROGRAMS) {
      for (const env of SETTINGS) {
        it(`sees the same: ${program} on Node.js ${version} with ${JSON.stringify(env)}`, async function () {
          this.timeout(600_000);
          const comparison = { program, from: FIRST, to: FIRST + SEEDS / SETTINGS.length, node: nodeOf(version), env };
          await compareSeeds(comparison);
        });
      }
    }
  }
});
