import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, it } from "mocha";
import { ROOT } from "./helpers/app.ts";
import { build, needs, OLDER_DRIVERS, COMPILED, WITH_DRIVER } from "./helpers/drivers.ts";

const MINUTES = 60_000;

/** What is run with each of the older versions of better-sqlite3: of the oldest, what they do not have in common. */
const FILES = {
  "12.11.1": [
    "test/instrumentations/better-sqlite3/*.test.ts",
    "test/instrumentations/sqlite/@(commit-wait|compaction|dbstat|search|snapshot|wal).test.ts",
    "test/e2e/bindings.test.ts",
  ],
  "11.10.0": [
    "test/instrumentations/better-sqlite3/*.test.ts",
    "test/instrumentations/sqlite/@(search|wal-untold).test.ts",
  ],
} as const satisfies Record<(typeof OLDER_DRIVERS)[number], readonly string[]>;

/** Runs tests with another version of better-sqlite3; fails with what they say. */
const runWith = (driver: string, files: readonly string[]): Promise<void> =>
  run(["--import", WITH_DRIVER, ...files], { BETTER_SQLITE3: driver });

async function run(files: readonly string[], versions: NodeJS.ProcessEnv): Promise<void> {
  const args = [join(ROOT, "node_modules/mocha/bin/mocha.js"), "--reporter", "dot", ...files];
  const env = { ...process.env, ...versions };
  await promisify(execFile)(process.execPath, args, { cwd: ROOT, env, maxBuffer: 64e6 }).catch(
    ({ stdout, stderr }: { stdout: string; stderr: string }) => {
      throw new Error(`${stdout}${stderr}`);
    },
  );
}

describe("older versions of sqlite3", () => {
  for (const version of COMPILED.sqlite3.slice(1)) {
    it(`are observed like the newest: ${version}`, async function () {
      this.timeout(30 * MINUTES);
      await needs("sqlite3", this, version);
      await run(["test/instrumentations/node-sqlite3/*.test.ts"], { SQLITE3: version });
    });
  }
});

describe("older versions of better-sqlite3", () => {
  for (const driver of OLDER_DRIVERS) {
    it(`are observed like the newest: ${driver}`, async function () {
      this.timeout(30 * MINUTES);
      try {
        await build(driver);
      } catch (error) {
        console.log(`      what is run with better-sqlite3 ${driver} is not run: ${String(error).split("\n", 1)[0]}`);
        return this.skip();
      }
      await runWith(driver, FILES[driver]);
    });
  }
});
