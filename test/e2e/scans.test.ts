import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { App, REGISTER } from "../helpers/app.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";
import { Receiver } from "../helpers/receiver.ts";

/** Rows of the table. */
const ROWS = 20_000;

describe("scanned rows", () => {
  const receiver = new Receiver();
  before(() => receiver.start());
  after(() => receiver.close());

  for (const version of SUPPORTED) {
    it(`are counted as SQLite counts them where the binding has these counts: Node.js ${version}`, async () => {
      receiver.clear();
      const { stdout, stderr } = await new App("sqlite").run("scans.cjs", {
        args: ["node-sqlite"],
        node: nodeOf(version),
        flags: ["--disable-warning=ExperimentalWarning", "--require", REGISTER],
        env: { ...receiver.env, STRATASCOPE_SPANS: "all" },
      });
      expect(stderr).to.equal("");
      const points = receiver.latest.get("storage.operation.scanned_records")?.points ?? [];
      const scanned = points.reduce((sum, { asInt }) => sum + Number(asInt), 0);
      const counted = JSON.parse(stdout) as (number | null)[];
      const scans = receiver.spans
        .filter(({ name }) => name === "SELECT kv")
        .map(({ attributes }) => attributes["storage.operation.scanned_rows"])
        .filter((rows) => Number(rows) > 0);
      if (counted.includes(null)) {
        expect([scanned, ...scans]).to.deep.equal([0]);
        return;
      }
      expect(scanned).to.equal(counted[0]! + counted[1]!);
      // Of the first run of each statement it is not known what went before.
      expect(scans.map(Number)).to.deep.equal([ROWS - 1, 7, 107, ROWS - 1, ROWS - 1]);
    });
  }
});
