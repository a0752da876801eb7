import { expect } from "chai";
import { describe, it } from "mocha";
import { canHookEsModules } from "../../../src/boot/es-modules.ts";
import { App } from "../../helpers/app.ts";
import { receiving } from "../../helpers/receiver.ts";

describe("an application with caches", () => {
  const receiver = receiving();
  const app = new App("caches");

  it("is told of a rejection that it does not handle", async () => {
    const [bare, observed] = await Promise.all([
      app.run("unhandled.mjs", { flags: [] }),
      app.run("unhandled.mjs", { env: receiver.env }),
    ]);
    expect(bare.stdout).to.equal("unhandled: nothing there\nunhandled: nothing there\n");
    expect(observed.stdout).to.equal(bare.stdout);
  });

  it("has the caches of its workers added to its own", async function () {
    if (!canHookEsModules()) this.skip();
    const { code, stderr } = await app.run("workers.mjs", { env: receiver.env });
    expect(code, stderr).to.equal(0);
    const points = receiver.latest.get("storage.cache.requests")!.points;
    const hits = points.filter(({ attributes }) => attributes["storage.cache.result"] === "hit");
    expect(hits.map(({ asInt }) => Number(asInt))).to.deep.equal([30]);
  });
});
