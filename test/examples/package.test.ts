import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import { describe, it } from "mocha";
import { canHookEsModules } from "../../src/boot/es-modules.ts";
import { App, REGISTER, ROOT } from "../helpers/app.ts";
import { receiving } from "../helpers/receiver.ts";

const EXAMPLE = join(ROOT, "examples/package");

describe("the example of an instrumentation", () => {
  const receiver = receiving();

  it("observes a package without changing its behavior", async function () {
    if (!canHookEsModules()) this.skip();
    const observed = ["--require", REGISTER, "--import", pathToFileURL(join(EXAMPLE, "lowdb.ts")).href];
    const app = join(EXAMPLE, "app.ts");
    const service = new App({});
    const [bare, run] = await Promise.all([
      service.run(app, { flags: [] }),
      service.run(app, { flags: observed, env: receiver.env }),
    ]);
    expect(run).to.deep.equal(bare);
    const counts = receiver.latest
      .get("db.client.operation.duration")!
      .points.map(({ attributes, count }) => [attributes["db.query.summary"], attributes["error.type"], Number(count)]);
    expect(counts).to.have.deep.members([
      ["read", undefined, 2],
      ["write", undefined, 2],
      ["write", "ENOENT", 1],
    ]);
  });
});
