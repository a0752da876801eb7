import { describe, it } from "mocha";
import { runAlone } from "../helpers/alone.ts";

describe("in a process of its own", () => {
  it("names from outside are limited in number, and names beyond the limit are counted", () => runAlone("bounds.ts"));

  it("a database that is closed leaves nothing behind", () => runAlone("database-series.ts"));

  it("an invalid configuration file causes a log line that names the mistake", async function () {
    this.timeout(300_000);
    await runAlone("config-file.ts");
  });
});
