import { join } from "node:path";
import type BetterSqlite3 from "better-sqlite3";
import { expect } from "chai";
import { describe, it } from "mocha";
import { copyOf, count, spansOf } from "../../helpers/observed.ts";
import { temporaryFolder } from "../../helpers/temp.ts";

type Db = BetterSqlite3.Database;

const Database = copyOf<typeof BetterSqlite3>("better-sqlite3", true);

const insert = (db: Db, k: number): BetterSqlite3.RunResult =>
  db.prepare("INSERT INTO kv VALUES (?, ?)").run(k, `v${k}`);

const refused = (call: () => unknown): void => {
  expect(call).to.throw();
};

describe("operations of better-sqlite3", () => {
  const open = (name: string): Db => {
    const db = new Database(join(temporaryFolder(), `${name}.db`));
    db.exec("CREATE TABLE kv (k INTEGER PRIMARY KEY, v TEXT)");
    for (let k = 1; k <= 100; k++) insert(db, k);
    return db;
  };

  it("counts rows read and rows changed, by statement", async () => {
    const db = open("rows");
    db.prepare("SELECT * FROM kv WHERE k <= ?").all(7);
    db.prepare("SELECT * FROM kv WHERE k = ?").get(1);
    db.prepare("SELECT * FROM kv WHERE k = ?").get(-1);
    Array.from(db.prepare("SELECT k FROM kv").iterate());
    db.prepare("UPDATE kv SET v = '' WHERE k > ?").run(60);
    const records = (direction: string): Promise<number> =>
      count("storage.operation.records", { "db.namespace": "rows", "disk.io.direction": direction });
    expect(await records("read")).to.equal(7 + 1 + 0 + 100);
    expect(await records("write")).to.equal(100 + 40);
    db.close();
  });

  it("counts an iteration once, whether it ends, is given up or fails", async () => {
    const db = open("iterations");
    const query = db.prepare("SELECT k FROM kv");
    Array.from(query.iterate());
    for (const _ of query.iterate()) break;
    db.function("fail", () => {
      throw new RangeError("mine");
    });
    refused(() => [...db.prepare("SELECT fail() FROM kv").iterate()]);
    const of = (attributes: Record<string, string>): Promise<number> =>
      count("db.client.operation.duration", {
        "db.namespace": "iterations",
        "db.operation.name": "SELECT",
        ...attributes,
      });
    expect(await of({})).to.equal(3);
    expect(await of({ "storage.measurement": "estimated" })).to.equal(1);
    expect(await of({ "error.type": "RangeError" })).to.equal(1);
    db.close();
  });

  it("creates spans for slow operations, with their actual start and end, and for failed ones", () => {
    const db = open("spans");
    const all = db.prepare("SELECT * FROM kv");
    all.all();
    const spans = spansOf(() => {
      all.all();
      db.prepare(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT count(*) FROM n, kv WHERE k = 1",
      ).get();
      refused(() => insert(db, 1));
    });
    // On a busy machine a preparation can be slow as well.
    const [slow, failedInsert, request] = spans.filter(({ name }) => name !== "PREPARE");
    expect([slow, failedInsert, request].map((span) => span?.name)).to.deep.equal([
      "SELECT SELECT SELECT kv",
      "INSERT kv",
      "request",
    ]);
    expect(slow!.attributes).to.include({
      "db.system.name": "sqlite",
      "db.namespace": "spans",
      "db.response.returned_rows": 1,
      "db.collection.name": "kv",
    });
    expect(slow!.attributes["db.query.text"]).to.equal(
      "WITH RECURSIVE n(i) AS (SELECT ? UNION ALL SELECT i + ? FROM n WHERE i < ?) SELECT count(*) FROM n, kv WHERE k = ?",
    );
    expect(failedInsert!.attributes).to.include({
      "error.type": "SQLITE_CONSTRAINT_PRIMARYKEY",
      "db.query.text": "INSERT INTO kv VALUES (?, ...)",
    });
    const ns = ([seconds, nanoseconds]: readonly [number, number]): number => seconds * 1e9 + nanoseconds;
    expect(ns(slow!.duration)).to.be.greaterThan(1e6);
    expect(ns(slow!.startTime)).to.be.at.least(ns(request!.startTime));
    expect(ns(failedInsert!.endTime)).to.be.at.most(ns(request!.endTime));
    db.close();
  });

  it("reports the size of the files of an open database", async () => {
    const db = open("space");
    db.pragma("journal_mode = WAL");
    insert(db, 1000);
    const size = (type: string): Promise<number> =>
      count("storage.space.usage", { "db.namespace": "space", "storage.file.type": type });
    expect(await size("table")).to.be.at.least(4096);
    expect(await size("wal")).to.be.at.least(4096);
    db.close();
    expect(await size("table")).to.equal(0);
  });

  it("runs no function of the application to plan a query", () => {
    const db = new Database(":memory:");
    let calls = 0;
    db.function("f", { deterministic: true }, (value) => {
      calls++;
      return value;
    });
    db.exec(`CREATE TABLE t (a, b); CREATE INDEX i ON t (a); CREATE VIEW v AS SELECT * FROM t WHERE a = f(1);
      WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 2000) INSERT INTO t SELECT x % 10, x FROM c;
      ANALYZE`);
    const statement = db.prepare("SELECT * FROM v");
    calls = 0;
    statement.all();
    const first = calls;
    statement.all();
    expect(calls).to.equal(2 * first);
    db.close();
  });
});
