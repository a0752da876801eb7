import { expect } from "chai";
import { describe, it } from "mocha";
import { App } from "../helpers/app.ts";
import { nodeOf, TOO_OLD } from "../helpers/nodes.ts";

describe("a Node.js that is too old", () => {
  const app = new App("old-node");

  for (const version of TOO_OLD) {
    for (const file of ["app.cjs", "app.mjs"]) {
      it(`runs the application untouched, with one log line: ${version}, ${file}`, async function () {
        // The first time, the executable is fetched.
        this.timeout(300_000);
        const node = nodeOf(version);
        const bare = await app.run(file, { node, flags: [] });
        const ours = await app.run(file, { node });
        expect(bare).to.include({ code: 3, stdout: "served by function\n", stderr: "" });
        expect(ours).to.include({ code: 3, signal: null, stdout: bare.stdout });
        expect(ours.stderr).to.match(/^stratascope: .+\n$/);
        expect(ours.stderr).to.contain(version).and.to.contain("22.15");
      });
    }
  }
});
