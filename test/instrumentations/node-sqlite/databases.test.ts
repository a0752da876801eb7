import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { describe, it } from "mocha";
import { Walker } from "../../../instrumentations/sqlite/script-transactions.ts";
import { parseScript } from "../../../instrumentations/sqlite/sql.ts";
import { openDatabases } from "../../../src/instrument/open-instances.ts";
import { collect, count, seriesWith } from "../../helpers/observed.ts";
import { temporaryFolder } from "../../helpers/temp.ts";

/** What came with versions of Node.js after the first supported one. */
interface Newer {
  createSession(): { changeset(): Uint8Array };
  applyChangeset(changes: Uint8Array, options?: { onConflict: () => number }): boolean;
}

const open = (name: string): DatabaseSync & Newer => {
  const db = new DatabaseSync(join(temporaryFolder(), `${name}.db`)) as DatabaseSync & Newer;
  db.exec("PRAGMA journal_mode = WAL; CREATE TABLE t (a INTEGER PRIMARY KEY, b)");
  return db;
};

const autocommits = (name: string): Promise<number> =>
  count("storage.transaction.duration", { "db.namespace": name, "storage.transaction.mode": "autocommit" });

describe("databases of node:sqlite", () => {
  it("are recognized when they are opened again", async () => {
    const db = open("again");
    const known = (): number =>
      [...openDatabases()].filter(({ database }) => database.attributes["db.namespace"] === "again").length;
    for (let i = 0; i < 2; i++) {
      db.close();
      expect(known()).to.equal(0);
      db.open();
      db.exec("INSERT INTO t (b) VALUES (1)");
      db.prepare("INSERT INTO t (b) VALUES (?)").run(2);
      expect(known()).to.equal(1);
    }
    await collect();
    const sizes = (await seriesWith({ "db.namespace": "again" })).filter(
      ({ metric }) => metric === "storage.space.usage",
    );
    expect(sizes.map(({ value }) => value).every((value) => value > 0)).to.equal(true);
    expect(await autocommits("again")).to.be.within(4, 5);
    db[Symbol.dispose]();
    expect(known()).to.equal(0);
  });

  it("apply a changeset as one transaction, or as part of the open one", async () => {
    const source = open("source");
    const session = source.createSession();
    source.exec("INSERT INTO t VALUES (1, 'x'), (2, 'y')");
    const changes = session.changeset();
    const target = open("target");
    const before = await autocommits("target");
    expect(target.applyChangeset(changes)).to.equal(true);
    expect(await autocommits("target")).to.equal(before + 1);
    target.exec("DELETE FROM t; BEGIN");
    target.applyChangeset(changes);
    target.exec("COMMIT");
    expect(await autocommits("target")).to.equal(before + 2);
    expect(() => target.applyChangeset("no changes" as never)).to.throw(TypeError);
    expect(
      await count("db.client.operation.duration", { "db.namespace": "target", "db.operation.name": "APPLY CHANGESET" }),
    ).to.equal(3);
    for (const db of [source, target]) db.close();
  });

  it("run no function of the application to plan a query", () => {
    const db = open("functions");
    let calls = 0;
    db.function("f", { deterministic: true }, (value) => {
      calls++;
      return value;
    });
    db.exec(
      "CREATE INDEX i ON t (b); CREATE VIEW v AS SELECT * FROM t WHERE b = f(1); INSERT INTO t (b) VALUES (1), (2); ANALYZE",
    );
    const statement = db.prepare("SELECT * FROM v");
    calls = 0;
    statement.all();
    const once = calls;
    statement.all();
    expect(calls).to.equal(2 * once);
    db.close();
  });
});

describe("a transaction whose end SQLite does not report", () => {
  const begun = (): Walker => {
    const walker = new Walker(false);
    walker.call(parseScript("BEGIN").parts, undefined);
    return walker;
  };
  const insert = parseScript("INSERT INTO t VALUES (1)").parts;

  it("is checked when a trigger raises an error, and only then", () => {
    let looks = 0;
    const look = (isOpen: boolean) => (): boolean => {
      looks++;
      return isOpen;
    };
    const [over, open, other] = [begun(), begun(), begun()];
    over.call(insert, "SQLITE_CONSTRAINT_TRIGGER", look(false));
    open.call(insert, "SQLITE_CONSTRAINT_TRIGGER", look(true));
    other.call(insert, "SQLITE_CONSTRAINT_UNIQUE", look(false));
    expect([over.open, open.open, other.open].map((each) => each !== undefined)).to.deep.equal([false, true, true]);
    expect(looks).to.equal(2);
  });
});
