import { describe, it } from "mocha";
import { runAlone } from "../helpers/alone.ts";

describe("in a process of its own", () => {
  it("names from outside are kept up to a bound, and those beyond are counted", () => runAlone("bounds.ts"));

  it("a database that is closed leaves nothing behind", () => runAlone("database-series.ts"));

  it("a configuration file of any kind gets a line that names what is wrong", async function () {
    this.timeout(300_000);
    await runAlone("config-file.ts");
  });
});
