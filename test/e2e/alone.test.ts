import { describe, it } from "mocha";
import { runAlone } from "../helpers/alone.ts";

describe("in a process of its own", () => {
  it("what is kept of names from outside is bounded, and what is beyond is counted", () => runAlone("bounds.ts"));

  it("a database that is closed leaves nothing behind", () => runAlone("database-series.ts"));

  it("a configuration file of any kind is told where it is wrong", async function () {
    this.timeout(300_000);
    await runAlone("config-file.ts");
  });
});
