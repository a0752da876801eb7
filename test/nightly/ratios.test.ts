import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { before, describe, it } from "mocha";
import type { Cell, Report } from "../bench/harness/report.ts";
import { ROOT } from "../helpers/app.ts";
import { temporaryFolder } from "../helpers/temp.ts";

/** Scenarios whose cost is a ratio to the same work without us, so that the machine does not matter. */
const SCENARIOS = "point-read,transaction,exported,http";

/** By how much a median may exceed the highest round of the results in the README before it is a regression. */
const TOLERANCE = 1.1;

const read = (file: string): Report => JSON.parse(readFileSync(file, "utf8")) as Report;

describe("the cost of being observed", () => {
  const recorded = read(join(ROOT, "test/bench/results.json"));
  let now: Report;
  before(function () {
    this.timeout(1_200_000);
    const file = join(temporaryFolder(), "report.json");
    const args = ["--variants", "bare,stratascope", "--only", SCENARIOS, "--rounds", "7", "--json", file];
    execFileSync(process.execPath, [join(ROOT, "test/bench/run.ts"), ...args], { cwd: ROOT, stdio: "pipe" });
    now = read(file);
  });

  for (const { scenario, id, title, compare, cells } of recorded.rows) {
    if (compare !== "ratio" || !SCENARIOS.split(",").includes(scenario)) continue;
    it(`is no more than it was recorded to be: ${title}`, () => {
      const row = now.rows.find((each) => each.scenario === scenario && each.id === id)!;
      const [ratio, before] = [row.cells["stratascope"], cells["stratascope"]] as [Cell, Cell];
      expect(ratio.compared).to.be.at.most(before.high * TOLERANCE);
    });
  }
});
