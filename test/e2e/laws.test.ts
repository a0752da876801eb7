import { readFileSync } from "node:fs";
import { expect } from "chai";
import { describe, it } from "mocha";
import { App, REGISTER, type RunningApp } from "../helpers/app.ts";
import { nodeOf } from "../helpers/nodes.ts";
import { scrape } from "../helpers/scrape.ts";
import { BINDINGS } from "../helpers/sqlite-app.ts";

const FLAGS = ["--disable-warning=ExperimentalWarning"];
const OBSERVED = [...FLAGS, "--require", REGISTER];

const ENV = { OTEL_METRICS_EXPORTER: "prometheus", OTEL_EXPORTER_PROMETHEUS_PORT: "0", OTEL_LOG_LEVEL: "info" };

/** The locks a process holds on files, as the kernel has them: kind and range. */
function locksOf({ process: { pid } }: RunningApp): string[] {
  const lines = readFileSync("/proc/locks", "utf8").split("\n");
  const own = lines.map((line) => line.trim().split(/\s+/)).filter((fields) => fields[4] === String(pid));
  return own.map((fields) => [fields[1], fields[3], fields[6], fields[7]].join(" ")).sort();
}

/** Keeps a lock of each kind: a reader in a rollback journal, a writer in a write-ahead log. */
const holder = (binding: string): string => `${BINDINGS[binding]}
const journal = open("journal.db"), wal = open("wal.db");
for (const db of [journal, wal]) db.exec("CREATE TABLE kv (k)");
wal.exec("PRAGMA journal_mode = WAL; BEGIN IMMEDIATE; INSERT INTO kv VALUES (1)");
journal.exec("BEGIN"); journal.prepare("SELECT * FROM kv").all();
console.log("holds its locks");
globalThis.kept = [journal, wal]; // what is collected is closed
process.stdin.resume().on("end", () => process.exit());
`;

const intruder = (binding: string): string => `${BINDINGS[binding]}
for (const [file, sql] of [["journal.db", "BEGIN EXCLUSIVE"], ["wal.db", "BEGIN IMMEDIATE"]]) {
  try { open(file).exec(sql); console.log(file, "locked"); } catch (error) { console.log(file, error.message); }
}
`;

describe("the locks of a database", () => {
  for (const binding of Object.keys(BINDINGS)) {
    it(`are as without us, however often metrics are collected, with ${binding}`, async () => {
      const app = new App({ "holder.cjs": holder(binding), "intruder.cjs": intruder(binding) });
      const bare = new App({ "holder.cjs": holder(binding) }).start("holder.cjs", { flags: FLAGS });
      const observed = app.start("holder.cjs", { flags: OBSERVED, env: ENV });
      const [, url] = await observed.says(/metrics on (\S+)/);
      for (const each of [bare, observed]) await each.says(/holds its locks/);
      for (let i = 0; i < 5; i++) await scrape(url!);

      expect(locksOf(bare)).not.to.deep.equal([]);
      expect(locksOf(observed)).to.deep.equal(locksOf(bare));
      const { stdout } = await app.run("intruder.cjs", { flags: FLAGS });
      expect(stdout).to.equal("journal.db database is locked\nwal.db database is locked\n");
      for (const each of [bare, observed]) each.process.stdin!.end();
      await Promise.all([bare.ended, observed.ended]);
    });
  }
});

/** Has every statement reported to the application itself, while each layer finds something to do. */
const listening: Readonly<Record<string, string>> = {
  "a log of statements": `const db = new (require("better-sqlite3"))("app.db", { verbose: console.log });`,
  "an authorizer": `const { DatabaseSync, constants } = require("node:sqlite");
    const db = new DatabaseSync("app.db");
    db.setAuthorizer((...details) => { console.log(...details); return constants.SQLITE_OK; });`,
  "the channel of Node.js": `const db = new (require("node:sqlite").DatabaseSync)("app.db");
    require("node:diagnostics_channel").subscribe("sqlite.db.query", ({ sql }) => console.log(sql));`,
};

const EACH_LAYER = `
db.exec("PRAGMA journal_mode = WAL");
db.exec("PRAGMA wal_autocheckpoint = 2");
db.exec("CREATE VIRTUAL TABLE notes USING fts5(text)");
const insert = db.prepare("INSERT INTO notes VALUES (?)");
for (let i = 0; i < 100; i++) insert.run("note " + i);
db.prepare("SELECT * FROM notes WHERE notes MATCH ?").all("note");
db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").all();
db.exec("INSERT INTO notes(notes) VALUES ('optimize')");
db.exec("VACUUM");
db.close();
`;

describe("what an application listens to", () => {
  const node = nodeOf("26.10.0");
  for (const [title, open] of Object.entries(listening)) {
    it(`is not told of a query of ours: ${title}`, async () => {
      const outputs = [FLAGS, OBSERVED].map(async (flags) => {
        const app = new App({ "app.cjs": open + EACH_LAYER });
        const { stdout } = await app.run("app.cjs", { node, flags, env: ENV });
        // VACUUM gives its copy a name of chance.
        return stdout.replace(/vacuum_[0-9a-f]+/g, "vacuum");
      });
      const [bare, observed] = await Promise.all(outputs);
      expect(bare).to.match(/MATCH|match/);
      expect(observed).to.equal(bare);
    });
  }
});

/** A million runs of ten thousand texts; says by how many MiB the heap in use grew from a fifth of them to the end. */
const manyTexts = (binding: string): string => `${BINDINGS[binding]}
const db = open("many.db");
const used = () => { gc(); gc(); return process.memoryUsage().heapUsed / 2 ** 20; };
let early;
for (let round = 0; round < 10; round++) {
  for (let text = 0; text < 10_000; text++) {
    const statement = db.prepare("SELECT " + text + " AS n, 'text" + text + "' AS t");
    for (let run = 0; run < 10; run++) statement.get();
  }
  if (round === 1) early = used();
}
console.log(used() - early);
`;

describe("memory", () => {
  for (const binding of Object.keys(BINDINGS)) {
    it(`grows by nothing of ours over a million runs of ten thousand texts, with ${binding}`, async () => {
      const app = new App({ "many.cjs": manyTexts(binding) });
      const growth = async (flags: readonly string[]): Promise<number> =>
        Number((await app.run("many.cjs", { flags: ["--expose-gc", ...flags] })).stdout);
      // better-sqlite3 keeps 56 bytes of each statement by itself.
      const bare = await growth(FLAGS);
      expect(await growth(OBSERVED), `${bare.toFixed(1)} MiB without us`).to.be.lessThan(bare + 1);
    });
  }
});

describe("the number of series", () => {
  it("has a bound, and what is beyond it shows as one series with the exact count", async () => {
    const app = new App({
      "tables.cjs": `${BINDINGS["better-sqlite3"]}
        const db = open("tables.db");
        for (let i = 0; i < 3000; i++) { db.exec("CREATE TABLE t" + i + " (a)"); db.prepare("SELECT * FROM t" + i).all(); }
        console.log("done"); process.stdin.resume();`,
    });
    const running = app.start("tables.cjs", { flags: OBSERVED, env: ENV });
    const [, url] = await running.says(/metrics on (\S+)/);
    await running.says(/^done$/m);
    const { samples } = await scrape(url!);
    const counts = samples.filter(({ name }) => name === "db_client_operation_duration_seconds_count");
    expect(counts).to.have.length(2000);
    expect(counts.reduce((sum, { value }) => sum + value, 0)).to.equal(9000);
    // Of the 1999 series of their own PREPARE and CREATE TABLE have 3000 runs each, and each of the others has one.
    const overflow = counts.filter(({ labels }) => labels["otel_metric_overflow"] === "true");
    expect(overflow.map(({ value }) => value)).to.deep.equal([9000 - 3000 - 3000 - 1997]);
    running.process.stdin!.end();
    await running.ended;
  });
});
