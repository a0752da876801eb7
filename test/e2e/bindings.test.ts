import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { App, UNHURRIED } from "../helpers/app.ts";
import { DRIVER } from "../helpers/drivers.ts";
import { golden } from "../helpers/golden.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";
import { Receiver } from "../helpers/receiver.ts";
import { unregisteredMetrics, unregisteredSpans } from "../helpers/registry.ts";

/** One application over what both bindings have: statements, scripts, transactions by hand, conflicts, failures, upkeep. */
const APPLICATION = `
const { trace } = require("@opentelemetry/api");
const open = process.argv[2] === "better-sqlite3"
  ? (file) => new (require("better-sqlite3"))(file, { timeout: 0 })
  : (file) => new (require("node:sqlite").DatabaseSync)(file);
const attempt = (call) => { try { call(); console.log("no error"); } catch (error) { console.log(error.message); } };
const db = open("app.db");
const other = open("app.db");
trace.getTracer("app").startActiveSpan("request", (span) => {
  db.exec("PRAGMA journal_mode = WAL; CREATE TABLE kv (k INTEGER PRIMARY KEY, v TEXT UNIQUE)");
  const insert = db.prepare("INSERT INTO kv VALUES (?, ?)");
  const get = db.prepare("SELECT v FROM kv WHERE k = ?");
  console.log(Number(insert.run(1, "one").changes), get.get(1).v, get.get(2));
  db.exec("BEGIN IMMEDIATE"); for (let k = 2; k < 40; k++) insert.run(k, "v" + k); db.exec("COMMIT");
  db.exec("BEGIN"); insert.run(50, "x"); db.exec("ROLLBACK");
  db.exec("BEGIN; INSERT INTO kv VALUES (60, 'sixty'); SAVEPOINT s; DELETE FROM kv WHERE k = 60; ROLLBACK TO s; RELEASE s; COMMIT");
  db.exec("SAVEPOINT a"); insert.run(61, "y"); db.exec("SAVEPOINT b"); db.exec("RELEASE b"); db.exec("RELEASE a");
  db.exec("BEGIN"); attempt(() => insert.run(1, "again")); db.exec("COMMIT");
  db.exec("BEGIN"); attempt(() => db.exec("INSERT OR ROLLBACK INTO kv VALUES (1, 'z')")); attempt(() => db.exec("COMMIT"));
  attempt(() => insert.run(70, "one"));
  attempt(() => db.prepare("SELEKT"));
  other.exec("BEGIN IMMEDIATE"); attempt(() => db.exec("BEGIN IMMEDIATE")); attempt(() => insert.run(80, "locked")); other.exec("ROLLBACK");
  db.exec("BEGIN"); get.get(1); other.exec("INSERT INTO kv VALUES (90, 'other')"); attempt(() => insert.run(91, "stale")); db.exec("ROLLBACK");
  console.log(Array.from(db.prepare("SELECT k FROM kv").iterate()).length);
  for (const row of db.prepare("SELECT k FROM kv ORDER BY k").iterate()) { console.log(row.k); break; }
  db.prepare("CREATE TABLE later (a)").run(); db.prepare("DELETE FROM kv WHERE k > ?").run(30);
  console.log(db.prepare("SELECT count(*) AS n FROM kv").all()[0].n);
  db.exec("CREATE TABLE wide (a)"); db.exec("INSERT INTO wide VALUES (zeroblob(100000))"); db.exec("DROP TABLE wide");
  db.exec("PRAGMA auto_vacuum = INCREMENTAL; VACUUM"); db.exec("PRAGMA incremental_vacuum"); db.exec("VACUUM INTO 'copy.db'");
  attempt(() => db.exec("VACUUM INTO 'copy.db'"));
  span.end();
});
db.exec("BEGIN"); db.close(); other.close();
`;

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
    const app = new App({ "app.cjs": APPLICATION });
    const { stdout, stderr, code } = await app.run(
      "app.cjs",
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
