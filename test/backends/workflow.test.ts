import { spawnSync } from "node:child_process";
import { describe, it } from "mocha";
import { expect } from "chai";
import { ROOT } from "../helpers/app.ts";

/** Checks what GitHub runs; a Go module. */
const ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12";

describe("the workflow of GitHub", () => {
  it("is accepted by actionlint", function () {
    this.timeout(300_000);
    if (spawnSync("go", ["version"]).status !== 0) {
      console.log("      not run: there is no Go");
      this.skip();
    }
    const { status, stdout, stderr } = spawnSync("go", ["run", ACTIONLINT, ".github/workflows/ci.yml"], {
      cwd: ROOT,
      encoding: "utf8",
    });
    expect(stdout + (status === 0 ? "" : stderr)).to.equal("");
  });
});
