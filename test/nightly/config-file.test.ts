import { describe, it } from "mocha";
import { runAlone } from "../helpers/alone.ts";

describe("all the configuration files of which npm test tries a tenth", () => {
  it("cause a log line that names the mistake", async function () {
    this.timeout(1_200_000);
    await runAlone("config-file.ts", { FUZZ_NIGHTLY: "1" });
  });
});
