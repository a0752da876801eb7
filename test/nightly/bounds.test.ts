import { describe, it } from "mocha";
import { runAlone } from "../helpers/alone.ts";

describe("what is kept of a million names from outside", () => {
  it("is bounded, and what is beyond is counted", async function () {
    this.timeout(1_200_000);
    await runAlone("bounds.ts", { NAMES: "1000000" });
  });
});
