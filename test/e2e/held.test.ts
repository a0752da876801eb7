import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { App, REGISTER } from "../helpers/app.ts";
import { Receiver, type ReceivedLog } from "../helpers/receiver.ts";
import { unregisteredEvents, unregisteredMetrics } from "../helpers/registry.ts";
import { BINDINGS } from "../helpers/sqlite-app.ts";

/** A writer that fills the log, and what holds a snapshot meanwhile: the numbers of the lines are those of the text. */
const application = (binding: string): string => `${BINDINGS[binding]}
const { setTimeout: sleep } = require("node:timers/promises");
const db = open("app.db"), reader = open("app.db");
db.exec("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 50; CREATE TABLE words (id INTEGER PRIMARY KEY, word)");
const insert = db.prepare("INSERT INTO words (word) VALUES (zeroblob(8000))");
const fill = (n) => { for (let i = 0; i < n; i++) insert.run(); };
fill(20);
const holders = {
  async slowLoop() {
    for (const row of reader.prepare("SELECT id FROM words").iterate()) {
      if (row.id > 6) break;
      fill(20);
      await sleep(300);
    }
  },
  async transaction() {
    reader.exec("BEGIN");
    reader.prepare("SELECT count(*) FROM words").get();
    fill(100);
    await sleep(1200);
    reader.exec("COMMIT");
  },
  async idleTransaction() { reader.exec("BEGIN"); await sleep(1200); reader.exec("ROLLBACK"); },
  async leak() {
    globalThis.leaked = reader.prepare("SELECT id FROM words").iterate(); leaked.next();
    fill(100);
    await sleep(2500);
  },
  async lockFile() {
    const lock = open("lock.db");
    lock.exec("CREATE TABLE IF NOT EXISTS owners (id)");
    lock.exec("BEGIN EXCLUSIVE"); await sleep(1200); lock.exec("ROLLBACK");
  },
  async short() { for (const row of reader.prepare("SELECT id FROM words").iterate()) await 0; },
};
holders[process.argv[2]]();
`;

const FILE = "app.cjs";

/** What each holder is told as: the event, the statement that opened it, where it was used, and whether it is still open. */
const EXPECTED: Readonly<Record<string, readonly unknown[]>> = {
  slowLoop: ["storage.wal.pinned", "SELECT words", FILE, "slowLoop", false],
  transaction: ["storage.wal.pinned", "BEGIN", FILE, "transaction", false],
  idleTransaction: ["storage.snapshot.held", "BEGIN", FILE, "idleTransaction", false],
  leak: ["storage.wal.pinned", "SELECT words", undefined, undefined, true],
};

describe("what is held open", () => {
  const receiver = new Receiver();
  before(() => receiver.start());
  after(() => receiver.close());

  async function run(binding: string, holder: string, env: Record<string, string> = {}): Promise<ReceivedLog[]> {
    receiver.clear();
    const app = new App({ [FILE]: application(binding) });
    const { code, stderr } = await app.run(FILE, {
      flags: ["--disable-warning=ExperimentalWarning", "--require", REGISTER],
      args: [holder],
      // Binary, the receiver knows no names of events.
      env: { ...receiver.env, OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: "http/json", ...env },
    });
    expect([code, stderr]).to.deep.equal([0, ""]);
    return receiver.logs.filter(({ eventName }) => /held|pinned/.test(eventName ?? ""));
  }

  for (const binding of Object.keys(BINDINGS)) {
    for (const [holder, expected] of Object.entries(EXPECTED)) {
      it(`is told of once, with who holds it and what that costs: ${holder}, with ${binding}`, async () => {
        // What never ends is told of at ten times the threshold.
        const events = await run(binding, holder, { STRATASCOPE_LONG_OPEN_MS: holder === "leak" ? "100" : "1000" });
        expect(
          events.map(({ eventName, attributes: a }) => [
            eventName,
            a["db.query.summary"],
            a["code.file.path"],
            a["code.function.name"],
            a["storage.snapshot.open"],
          ]),
        ).to.deep.equal([expected]);
        const { attributes } = events[0]!;
        expect(attributes["storage.snapshot.age"]).to.be.within(1, 10);
        const pinned = Number(attributes["storage.wal.pinned_size"] ?? 0);
        if (expected[0] === "storage.wal.pinned") expect(pinned).to.be.within(50 * 4096, 2_000_000);
        else expect(pinned).to.equal(0);
        expect(unregisteredEvents(receiver.logs)).to.deep.equal([]);
        expect(unregisteredMetrics(receiver.metrics)).to.deep.equal([]);
      });
    }

    it(`is not a warning where the application uses a database as a lock, with ${binding}`, async () => {
      const [event, ...others] = await run(binding, "lockFile");
      expect(others).to.deep.equal([]);
      expect([event!.severityText, event!.body]).to.match(
        /^INFO,BEGIN EXCLUSIVE was open for \d\.\d s; .*it is a lock$/,
      );
      expect(receiver.metrics.map(({ name }) => name)).to.not.include("storage.snapshot.held");
    });

    it(`is told of by a process that only reads, while another one writes, with ${binding}`, async () => {
      receiver.clear();
      const app = new App({
        "writer.cjs": `${BINDINGS[binding]}
          const db = open("app.db");
          db.exec("PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS words (id INTEGER PRIMARY KEY, word)");
          for (let i = 0; i < 100; i++) db.exec("INSERT INTO words (word) VALUES (zeroblob(8000))");`,
        "reader.cjs": `${BINDINGS[binding]}
          const write = () => require("node:child_process").execFileSync(process.execPath, ["writer.cjs"], { stdio: "pipe" });
          write();
          const db = open("app.db");
          db.exec("PRAGMA wal_autocheckpoint = 50");
          (async function read() {
            for (const _ of db.prepare("SELECT id FROM words LIMIT 2").iterate()) {
              write();
              await new Promise((resolve) => setTimeout(resolve, 700));
            }
          })();`,
      });
      const env = { ...receiver.env, OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: "http/json" };
      const { stderr } = await app.run("reader.cjs", {
        flags: ["--disable-warning=ExperimentalWarning", "--require", REGISTER],
        env,
      });
      expect(stderr).to.equal("");
      const [event, ...others] = receiver.logs.filter(({ eventName }) => eventName === "storage.wal.pinned");
      expect(others).to.deep.equal([]);
      expect(event!.attributes).to.include({ "code.file.path": "reader.cjs", "code.function.name": "read" });
    });

    it(`is not told of where it is short, or where that is not wanted, with ${binding}`, async () => {
      expect(await run(binding, "short")).to.deep.equal([]);
      expect(await run(binding, "slowLoop", { STRATASCOPE_LONG_OPEN_MS: "0" })).to.deep.equal([]);
    });
  }
});
