import { expect } from "chai";
import { describe, it } from "mocha";
import { App, REGISTER } from "../helpers/app.ts";
import { compare, LOADERS } from "../helpers/loaders.ts";
import { nodeOf } from "../helpers/nodes.ts";
import { receiving } from "../helpers/receiver.ts";

/** A part of test/nightly/loaders.test.ts: what differs most, before and after Node.js mended its loader. */
const PART = [
  "no loader",
  "module.register, passes on",
  "import-in-the-middle",
  "registerHooks, reads",
  "Module._extensions",
  "tsx, ES modules",
];
const VERSIONS = ["22.15.0", "22.19.0", "24.1.0", "24.21.0", "26.10.0"];

/** The version that `realpathSync` is right in is a later one. */
const OLDEST = "22.15.0";

describe("loaders", function () {
  // The first time, executables of Node.js are installed.
  this.timeout(180_000);
  // On a loaded machine the end of a process is too short to send everything.
  this.retries(2);
  const receiver = receiving();
  for (const version of VERSIONS) {
    for (const name of PART) {
      it(`work, and modules are observed through them: ${name}, Node.js ${version}`, () =>
        compare(LOADERS[name]!, version, receiver));
    }
  }

  it(`resolve links, with a pipe as stderr, on Node.js ${OLDEST}`, async () => {
    // Each package of this application is a link.
    const app = new App("loaders");
    app.write("opens.mjs", `import Database from "better-sqlite3"; new Database(":memory:"); console.log("opened");`);
    const flags = ["--require", REGISTER, ...LOADERS["module.register, passes on"]!.flags()];
    expect(await app.run("opens.mjs", { node: nodeOf(OLDEST), flags })).to.include({
      code: 0,
      stdout: "opened\n",
      stderr: "",
    });
  });
});
