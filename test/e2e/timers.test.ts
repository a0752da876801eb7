import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { App } from "../helpers/app.ts";
import { Receiver } from "../helpers/receiver.ts";

describe("timers replaced by the application", () => {
  const receiver = new Receiver();
  before(() => receiver.start());
  after(() => receiver.close());

  it("are not used by stratascope, which still sends telemetry", async () => {
    const { code, stdout } = await new App("timers").run("replaced.cjs", {
      env: { ...receiver.env, OTEL_TRACES_SAMPLER: "always_on" },
    });
    expect({ code, stdout }).to.deep.equal({ code: 0, stdout: "asked for none\n" });
    expect(receiver.spans.filter(({ name }) => name === "work")).to.have.length(1_000);
  });
});
