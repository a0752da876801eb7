import { describe, it } from "mocha";
import { runAlone } from "../helpers/alone.ts";

describe("memory for a million names from outside", () => {
  it("is bounded, and names beyond the limit are counted", async function () {
    this.timeout(1_200_000);
    await runAlone("bounds.ts", { NAMES: "1000000" });
  });
});
