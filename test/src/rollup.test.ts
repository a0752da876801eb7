import { join } from "node:path";
import type { Attributes } from "@opentelemetry/api";
import type BetterSqlite3 from "better-sqlite3";
import { expect } from "chai";
import { describe, it } from "mocha";
import { lockElsewhere } from "../helpers/lock.ts";
import { copyOf, count, spansOf } from "../helpers/observed.ts";
import { temporaryFolder } from "../helpers/temp.ts";

const Database = copyOf<typeof BetterSqlite3>("better-sqlite3", true);

const rollupOf = (code: () => void): Attributes => spansOf(code).find(({ name }) => name === "request")!.attributes;

describe("the storage attributes of a span", () => {
  it("are divided by database if there are several, with connections to one database together", () => {
    const folder = temporaryFolder();
    const [words, again, users] = ["words", "words", "users"].map((name) => new Database(join(folder, `${name}.db`)));
    words!.exec("CREATE TABLE words (a)");
    users!.exec("CREATE TABLE users (a)");
    const rollup = rollupOf(() => {
      for (let i = 0; i < 3; i++) words!.prepare("SELECT * FROM words").all();
      again!.prepare("SELECT * FROM words").all();
      users!.transaction(() => users!.prepare("INSERT INTO users VALUES (1)").run())();
    });
    expect(rollup).to.deep.include({
      "storage.rollup.operations": 7,
      "storage.rollup.databases": ["words", "users"],
      "storage.rollup.database.operations": [4, 3],
    });
    const times = rollup["storage.rollup.database.time"] as number[];
    expect(times[0]! + times[1]!).to.be.closeTo(rollup["storage.rollup.time"] as number, 1e-9);
    expect(rollupOf(() => void words!.prepare("SELECT * FROM words").all())).to.not.have.property(
      "storage.rollup.databases",
    );
  });

  it("come with child spans up to a budget, then only for slow and failed operations, and with the number of omitted ones", () => {
    const db = new Database(":memory:");
    db.exec("CREATE TABLE t (a UNIQUE)");
    const insert = db.prepare("INSERT INTO t VALUES (?)");
    const add = db.transaction((value: number) => insert.run(value));
    const spans = spansOf(() => {
      for (let i = 0; i < 500; i++) add(i);
      for (let i = 0; i < 3; i++) expect(() => add(0)).to.throw("UNIQUE");
    });
    const transactions = spans.filter(({ name }) => name.startsWith("transaction"));
    const failed = transactions.filter(({ attributes }) => attributes["error.type"] !== undefined);
    expect(failed).to.have.length(3);
    const { attributes } = spans.find(({ name }) => name === "request")!;
    const omitted = attributes["storage.rollup.omitted_spans"] as number;
    expect(transactions.length + omitted).to.equal(503);
    // A busy machine makes some of them slow.
    expect(transactions.length).to.be.within(23, 100);
    expect(attributes["storage.rollup.write.operations"]).to.equal(503);
    expect(attributes["storage.rollup.transaction.operations"]).to.equal(1_006);
  });

  it("include the time spent waiting for a lock", async () => {
    const path = join(temporaryFolder(), "waits.db");
    const db = new Database(path);
    db.exec("CREATE TABLE t (a)");
    await lockElsewhere(path, 150);
    const rollup = rollupOf(() => {
      db.exec("BEGIN IMMEDIATE");
      db.exec("COMMIT");
    });
    const waited = rollup["storage.rollup.wait_time"] as number;
    expect(waited).to.be.within(0.02, 2);
    // SQLite waits 1 + 2 + 5 + 10 ms before its fifth try.
    expect(await count("storage.lock.retries", { "db.namespace": "waits" })).to.be.within(5, 12);
    const waits = (error?: string): Promise<number> =>
      count("storage.lock.wait.duration", { "db.namespace": "waits", ...(error && { "error.type": error }) });
    expect(await waits()).to.equal(1);
    await lockElsewhere(path, 300);
    db.pragma("busy_timeout = 30");
    const failing = rollupOf(() => expect(() => db.exec("INSERT INTO t VALUES (1)")).to.throw("locked"));
    expect(failing["storage.rollup.wait_time"]).to.be.within(0.025, 2);
    expect([await waits(), await waits("SQLITE_BUSY")]).to.deep.equal([2, 1]);
    const free = rollupOf(() => new Database(":memory:").transaction(() => {}).immediate());
    expect(free).to.not.have.property("storage.rollup.wait_time");
  });
});
