import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { App, REGISTER } from "../helpers/app.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";
import { Receiver } from "../helpers/receiver.ts";
import { BINDINGS } from "../helpers/sqlite-app.ts";

const ROWS = 20_000;

/** The same table read with an index and without, as a whole, in pieces, in vain; says what SQLite itself counted. */
const APPLICATION = `${BINDINGS["node-sqlite"]}
const { trace } = require("@opentelemetry/api");
const db = open("app.db");
db.exec("CREATE TABLE kv (k INTEGER PRIMARY KEY, v, w); BEGIN");
const insert = db.prepare("INSERT INTO kv VALUES (?, ?, ?)");
for (let k = 0; k < ${ROWS}; k++) insert.run(k, k % 100, k);
db.exec("COMMIT");
trace.getTracer("app").startActiveSpan("request", (span) => {
  const indexed = db.prepare("SELECT v FROM kv WHERE k = ?");
  for (let k = 0; k < 1000; k++) indexed.get(k);
  const scan = db.prepare("SELECT k FROM kv WHERE v = ? LIMIT ?");
  for (const limit of [1e6, 1e6, 1, 2, 1e6]) scan.all(7, limit);
  let read = 0;
  const all = db.prepare("SELECT k FROM kv WHERE w >= 0");
  for (const row of all.iterate()) if (++read === 5000) break;
  for (const row of all.iterate()) read++;
  span.end();
  console.log(JSON.stringify([scan, all].map((each) => each.stat?.("fullscanStep"))));
});
`;

describe("what is scanned", () => {
  const receiver = new Receiver();
  before(() => receiver.start());
  after(() => receiver.close());

  for (const version of SUPPORTED) {
    it(`is counted as SQLite counts it where the binding tells: Node.js ${version}`, async () => {
      receiver.clear();
      const { stdout, stderr } = await new App({ "app.cjs": APPLICATION }).run("app.cjs", {
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
