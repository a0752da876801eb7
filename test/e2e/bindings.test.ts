import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { App, UNHURRIED } from "../helpers/app.ts";
import { DRIVER } from "../helpers/drivers.ts";
import { golden } from "../helpers/golden.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";
import { Receiver } from "../helpers/receiver.ts";
import { unregisteredMetrics, unregisteredSpans } from "../helpers/registry.ts";

const OF_ONE = /^ *storage\.driver\.name=.*\n|^storage\.operation\.scanned_records .*\n(?: {2}.*\n)*/gm;

/** What is not known of a SQLite before 3.51, such as that of Node.js 22.15, or is an estimate there. */
const OF_NEWER = /^storage\.(?:checkpoint\.pages|wal\.resets) .*\n(?: {2}.*\n)*| storage\.measurement=estimated/gm;

describe("the bindings of SQLite", () => {
  const receiver = new Receiver();
  before(() => receiver.start());
  after(() => receiver.close());

  async function run(
    binding: string,
    version: string,
    isObserved = true,
  ): Promise<{ stdout: string; telemetry: string }> {
    receiver.clear();
    const options = {
      node: version === process.versions.node ? process.execPath : nodeOf(version),
      args: [binding],
      env: { ...receiver.env, ...UNHURRIED },
    };
    const flags = ["--disable-warning=ExperimentalWarning"];
    const app = new App("sqlite");
    const { stdout, stderr, code } = await app.run(
      "bindings.cjs",
      isObserved
        ? { ...options, flags: [...flags, "--require", `${import.meta.dirname}/../../register`] }
        : { ...options, flags },
    );
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: "" });
    expect(unregisteredMetrics(receiver.metrics)).to.deep.equal([]);
    expect(unregisteredSpans(receiver.spans.filter(({ name }) => name !== "request"))).to.deep.equal([]);
    // Which package spoke is all that may differ, and what only one of them tells.
    const telemetry = isObserved ? golden(receiver).replace(OF_ONE, "").replace(OF_NEWER, "") : "";
    return { stdout, telemetry };
  }

  // An older better-sqlite3 is built for the Node.js of the tests.
  const versions = DRIVER === undefined ? SUPPORTED : [process.versions.node];
  for (const version of versions) {
    it(`yield the same telemetry for the same application on Node.js ${version}, and change nothing`, async () => {
      const better = await run("better-sqlite3", version);
      const builtIn = await run("node-sqlite", version);
      expect(builtIn.telemetry).to.equal(better.telemetry);
      expect(builtIn.stdout).to.equal((await run("node-sqlite", version, false)).stdout);
      expect(better.stdout).to.equal((await run("better-sqlite3", version, false)).stdout);
    });
  }
});
