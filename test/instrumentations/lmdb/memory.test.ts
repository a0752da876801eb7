import { expect } from "chai";
import { describe, it } from "mocha";
import { App, REGISTER } from "../../helpers/app.ts";

/** Returns the bytes that the environments of a program leave in the heap, each of them. */
async function left(app: App, flags: readonly string[]): Promise<number> {
  const { code, stdout, stderr } = await app.run("closed.cjs", {
    flags: ["--expose-gc", ...flags],
    env: { OTEL_METRICS_EXPORTER: "prometheus", OTEL_EXPORTER_PROMETHEUS_PORT: "0" },
  });
  expect(code, stderr).to.equal(0);
  return Number(stdout);
}

describe("an environment of lmdb that was closed", () => {
  it("leaves hardly more than without observation: the engine keeps the stores of each name", async function () {
    this.timeout(120_000);
    const app = new App("lmdb");
    const bare = await left(app, []);
    expect(bare).to.be.above(0);
    expect(await left(app, ["--require", REGISTER])).to.be.below(1.25 * bare);
  });
});
