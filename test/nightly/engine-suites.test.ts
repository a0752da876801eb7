import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { describe, it } from "mocha";
import { REGISTER } from "../helpers/app.ts";
import { npmInstall } from "../helpers/npm.ts";
import { temporaryFolder } from "../helpers/temp.ts";

const run = promisify(execFile);

/** The suite that the authors of LevelDB's package run, which they publish. */
const LEVEL = `
  const { mkdtempSync } = require("node:fs");
  const { tmpdir } = require("node:os");
  const { join } = require("node:path");
  const test = require("tape");
  const suite = require("abstract-level/test");
  const { ClassicLevel } = require("classic-level");
  const folder = mkdtempSync(join(tmpdir(), "suite-"));
  let made = 0;
  test.onFinish(() => require("node:fs").rmSync(folder, { recursive: true }));
  suite({ test, factory: (options) => new ClassicLevel(join(folder, String(++made)), options) });`;

const QUIET = { OTEL_TRACES_EXPORTER: "none", OTEL_METRICS_EXPORTER: "none", OTEL_LOGS_EXPORTER: "none" };

/** Returns the results of a suite, one line each. */
async function results(folder: string, flags: readonly string[]): Promise<string[]> {
  const { stdout } = await run(process.execPath, [...flags, "suite.cjs"], {
    cwd: folder,
    env: { PATH: process.env["PATH"], ...QUIET },
    maxBuffer: 1e9,
  }).catch((error: { readonly stdout: string }) => error);
  return stdout.split("\n").filter((line) => /^(?:ok|not ok) /.test(line));
}

describe("the suite of an engine's authors", () => {
  for (const version of ["2.0.0", "3.0.0"]) {
    it(`has the same results when it is observed: classic-level ${version}`, async function () {
      this.timeout(600_000);
      const folder = temporaryFolder();
      writeFileSync(join(folder, "package.json"), `{"name":"suite","private":true}`);
      writeFileSync(join(folder, "suite.cjs"), LEVEL);
      npmInstall(folder, `classic-level@${version}`, "tape@5.9.0");
      const bare = await results(folder, []);
      expect(bare).to.have.length.above(3_000);
      expect(await results(folder, ["--require", REGISTER])).to.deep.equal(bare);
    });
  }
});
