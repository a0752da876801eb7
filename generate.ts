/**
 * Writes all generated files; with `--check`, fails if a file differs from what would be written.
 *
 *     npm run generate
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { generateMonitoring } from "./collector-config/generate/index.ts";
import { QueryError } from "./collector-config/generate/promql.ts";
import { generateNames } from "./semconv/generate.ts";
import { RegistryError } from "./semconv/source.ts";
import { generateOptions } from "./src/config/generate.ts";
import { generateCosts } from "./test/bench/generate.ts";

/** Returns the texts of the generated files, by path. */
export const generate = (): Map<string, string> =>
  new Map([...generateNames(), ...generateMonitoring(), ...generateOptions(), ...generateCosts()]);

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
