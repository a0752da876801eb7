import { expect } from "chai";
import { describe, it } from "mocha";
import { REGISTER, runProgram } from "../helpers/app.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";

describe("the stack of an engine's error", () => {
  for (const version of SUPPORTED) {
    it(`is as without us, to its last frame, on Node.js ${version}`, async () => {
      const node = nodeOf(version);
      const file = "stack/engine-errors.cjs";
      const [bare, observed] = await Promise.all([
        runProgram(file, { node, flags: ["--disable-warning=ExperimentalWarning"] }),
        runProgram(file, { node, flags: ["--disable-warning=ExperimentalWarning", "--require", REGISTER] }),
      ]);
      expect(observed).to.deep.equal(bare);
      expect(bare.stdout).to.contain("UNIQUE constraint failed");
    });
  }
});
