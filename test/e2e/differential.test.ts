import { describe, it } from "mocha";
import { compareSeeds, PROGRAMS } from "../helpers/differential.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";

/** Many more are run in the night. */
const SEEDS = 60;

describe("an application that does random things", () => {
  for (const version of SUPPORTED) {
    for (const program of PROGRAMS) {
      it(`sees the same with and without stratascope: ${program} on Node.js ${version}`, async () => {
        const comparison = { program, from: 0, to: SEEDS, node: nodeOf(version) };
        await compareSeeds(comparison);
      });
    }
  }
});
