import { expect } from "chai";
import { describe, it } from "mocha";
import { REGISTER, runProgram } from "../helpers/app.ts";

const QUIET = "--disable-warning=ExperimentalWarning";

/** Nothing listens there. */
const SENDING = { OTEL_METRICS_EXPORTER: "otlp", OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" };

describe("an application that changes what everything is made of", () => {
  it("sees no call of ours of what it has replaced", async () => {
    const env = { ...SENDING, OTEL_METRIC_EXPORT_INTERVAL: "50", OTEL_METRIC_EXPORT_TIMEOUT: "50" };
    const [bare, observed] = await Promise.all([
      runProgram("hostile/replaced.cjs", { flags: [QUIET] }),
      runProgram("hostile/replaced.cjs", { flags: [QUIET, "--require", REGISTER], env }),
    ]);
    expect(observed.stdout).to.equal(bare.stdout);
    expect(observed.signal).to.equal("SIGTERM");
  });

  it("loads modules with a getter in Object.prototype", async () => {
    expect(await runProgram("hostile/polluted.cjs")).to.deep.include({ code: 0, stdout: "true\n", stderr: "" });
  });

  it("ends where no folder can be made for what was not sent", async function () {
    if (process.platform !== "linux") this.skip();
    const { code, stderr } = await runProgram("exit/codes.mjs", {
      env: { ...SENDING, STRATASCOPE_SPOOL_FOLDER: "/proc/stratascope/spool", STRATASCOPE_ADMIN_FOLDER: "/proc/of" },
    });
    expect(code, stderr).to.be.a("number");
  });
});
