import { expect } from "chai";
import { describe, it } from "mocha";
import { App } from "../helpers/app.ts";
import { receiving } from "../helpers/receiver.ts";

describe("an application's copy of the API", () => {
  const app = new App("api-copies");
  const receiver = receiving();

  it("sends telemetry of tracers and loggers that were created before start()", async () => {
    const ended = await app.run("early.mjs", { flags: [], env: receiver.env });
    expect(ended).to.include({ code: 0, stderr: "" });
    expect(receiver.spans.map(({ name }) => name)).to.deep.equal(["span"]);
    expect(receiver.logs.map(({ body }) => body)).to.have.members(["record 0", "record 1"]);
  });

  it("gets our metrics in readers of its own", async () => {
    const ended = await app.run("own-readers.mjs", { flags: [] });
    expect(ended).to.include({
      code: 0,
      stderr: "",
      stdout: "stratascope/better-sqlite3,stratascope/node-sqlite\n7\n",
    });
  });

  it("is not changed if the application has replaced our providers", async () => {
    const ended = await app.run("other-provider.cjs", { env: { OTEL_TRACES_EXPORTER: "console" } });
    expect(ended).to.include({ code: 0, stderr: "", stdout: "2\n0af7651916cd43dd8448eb211c80319c\n" });
  });

  it("gets our spans in its own SDK", async () => {
    const ended = await app.run("own-sdk.cjs", { flags: [] });
    expect(ended).to.include({ code: 0, stderr: "", stdout: "transaction memory,request\n" });
  });
});
