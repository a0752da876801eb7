import { expect } from "chai";
import { describe, it } from "mocha";
import { App, REGISTER } from "../helpers/app.ts";
import { needs } from "../helpers/drivers.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";

describe("the stack of an engine's error", () => {
  for (const version of SUPPORTED) {
    it(`is the same as unobserved, to its last frame, on Node.js ${version}`, async () => {
      const node = nodeOf(version);
      const app = new App("stack");
      const [bare, observed] = await Promise.all([
        app.run("engine-errors.cjs", { node, flags: ["--disable-warning=ExperimentalWarning"] }),
        app.run("engine-errors.cjs", { node, flags: ["--disable-warning=ExperimentalWarning", "--require", REGISTER] }),
      ]);
      expect(observed).to.deep.equal(bare);
      expect(bare.stdout).to.contain("UNIQUE constraint failed");
    });
  }
});

/** A frame of Node.js's own, below 24, where anything uses AsyncLocalStorage. */
const TRAMPOLINE = /\n {4}at TCPConnectWrap\.callbackTrampoline .*/;

describe("the stack of an error that is not handled", () => {
  for (const version of SUPPORTED) {
    for (const where of ["handler", "deep", "data", "body", "connection", "listener"]) {
      it(`has no frame of ours, thrown by a ${where} of HTTP, on Node.js ${version}`, async () => {
        const node = nodeOf(version);
        const app = new App("stack");
        const [bare, observed] = await Promise.all([
          app.run("uncaught.cjs", { node, flags: [], args: [where] }),
          app.run("uncaught.cjs", { node, args: [where] }),
        ]);
        expect({ ...observed, stderr: observed.stderr.replace(TRAMPOLINE, "") }).to.deep.equal(bare);
        expect(bare.stderr + bare.stdout).to.contain("    at ");
      });
    }
  }
});

describe("the stack of an error that sqlite3 is left with", () => {
  const ways = ["run", "deep", "exec", "prepare", "close", "emitted by a statement", "emitted by a database"];
  for (const version of SUPPORTED) {
    for (const where of ways) {
      it(`has no frame of ours: ${where}, on Node.js ${version}`, async function () {
        await needs("sqlite3", this);
        const node = nodeOf(version);
        const app = new App("stack");
        const [bare, observed] = await Promise.all([
          app.run("sqlite3.cjs", { node, flags: [], args: [where] }),
          app.run("sqlite3.cjs", { node, args: [where] }),
        ]);
        expect(observed).to.deep.equal(bare);
        expect(bare.stderr).to.contain("Error: ");
        expect(bare.code).to.equal(1);
      });
    }
  }
});
