/**
 * Writes everything that is generated, or with `--check` fails when a file is not what it would write.
 *
 *     npm run generate
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Report } from "../test/bench/harness/report.ts";
import { emitConstants } from "./emit/constants.ts";
import { emitCosts } from "./emit/costs.ts";
import { emitMonitoring } from "./emit/monitoring.ts";
import { emitOptions } from "./emit/options.ts";
import { QueryError } from "./emit/promql.ts";
import { emitReference } from "./emit/reference.ts";
import { emitScrapeConfig } from "./emit/scrape.ts";
import { loadRegistry } from "./resolve.ts";
import { RegistryError } from "./source.ts";

const SCRAPE_CONFIG = "collector-config/prometheus/prometheus.yaml";

/** The generated files and their texts. */
export function generate(): Map<string, string> {
  const registry = loadRegistry("semconv/registry");
  const costs = JSON.parse(readFileSync("test/bench/results.json", "utf8")) as Report;
  return new Map([
    ["semconv/index.ts", emitConstants(registry)],
    ["semconv/README.md", emitReference(registry)],
    ["src/config/README.md", emitOptions(readFileSync("src/config/README.md", "utf8"))],
    ["test/bench/README.md", emitCosts(readFileSync("test/bench/README.md", "utf8"), costs)],
    [SCRAPE_CONFIG, emitScrapeConfig(readFileSync(SCRAPE_CONFIG, "utf8"), registry)],
    ...emitMonitoring(registry),
  ]);
}

function main(check: boolean): void {
  for (const [file, text] of generate()) {
    if (read(file) === text) continue;
    if (check) {
      console.error(`${file} is stale: run \`npm run generate\``);
      process.exitCode = 1;
    } else {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      console.log(`wrote ${file}`);
    }
  }
}

const read = (file: string): string | undefined => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
};

if (process.argv[1] === import.meta.filename) {
  try {
    main(process.argv.includes("--check"));
  } catch (error) {
    if (!(error instanceof RegistryError || error instanceof QueryError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
