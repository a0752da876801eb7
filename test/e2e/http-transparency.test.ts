import { expect } from "chai";
import { describe, it } from "mocha";
import { App, REGISTER, type Ended } from "../helpers/app.ts";

describe("observed HTTP", () => {
  const app = new App("http-transparency");

  /** Runs a file with and without us. */
  async function both(file: string): Promise<{ bare: Ended; observed: Ended }> {
    const [bare, observed] = await Promise.all([app.run(file, { flags: [] }), app.run(file)]);
    return { bare, observed };
  }

  for (const file of ["facts.cjs", "throws.cjs", "unheard.cjs", "caught.cjs", "domain.cjs"] as const) {
    it(`looks unchanged to an application: ${file}`, async () => {
      const { bare, observed } = await both(file);
      // The stack of an error goes through us.
      const withoutOurs = observed.stderr.replace(/^ +at .*\n/gm, "");
      expect({ ...observed, stderr: withoutOurs }).to.deep.equal({
        ...bare,
        stderr: bare.stderr.replace(/^ +at .*\n/gm, ""),
      });
    });
  }

  it("keeps the traces of a hundred concurrent requests apart", async () => {
    const env = { OTEL_TRACES_EXPORTER: "console", OTEL_BSP_SCHEDULE_DELAY: "60000" };
    const { stdout, stderr } = await app.run("concurrent.cjs", { flags: ["--require", REGISTER], env });
    expect(stderr).to.equal("");
    expect(stdout.split("\n").filter((line) => line.startsWith("wrong"))).to.deep.equal(["wrong: "]);
  });
});
