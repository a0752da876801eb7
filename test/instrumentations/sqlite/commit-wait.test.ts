import { join } from "node:path";
import type BetterSqlite3 from "better-sqlite3";
import { expect } from "chai";
import { describe, it } from "mocha";
import { lockElsewhere } from "../../helpers/lock.ts";
import { collect, copyOf, count } from "../../helpers/observed.ts";
import { unregistered } from "../../helpers/registry.ts";
import { temporaryFolder } from "../../helpers/temp.ts";

const Database = copyOf<typeof BetterSqlite3>("better-sqlite3", true);
const METRIC = "storage.transaction.commit.off_cpu.duration";

describe("the time for which commits wait", () => {
  it("is measured of one commit in 17, of single writes and of transactions, and of nothing else", async () => {
    const db = new Database(join(temporaryFolder(), "sampled.db"));
    db.exec("CREATE TABLE t (a)");
    const insert = db.prepare("INSERT INTO t VALUES (1)");
    for (let i = 0; i < 100; i++) insert.run();
    for (let i = 0; i < 69; i++) db.transaction(() => (insert.run(), insert.run()))();
    for (let i = 0; i < 100; i++) db.prepare("SELECT * FROM t").get();
    expect(await count(METRIC, { "db.namespace": "sampled" })).to.equal(170 / 17);
    expect(unregistered(await collect())).to.deep.equal([]);
  });

  it("is the time in which another process had the lock", async () => {
    const path = join(temporaryFolder(), "locked.db");
    const db = new Database(path);
    const other = new Database(path);
    other.exec("CREATE TABLE t (a)");
    await lockElsewhere(path, 150);
    // The first commit of a connection is measured.
    db.exec("INSERT INTO t VALUES (1)");
    const points = (await collect()).find(({ descriptor }) => descriptor.name === METRIC)!.dataPoints;
    const sums = points
      .filter(({ attributes }) => attributes["db.namespace"] === "locked")
      .map(({ value }) => (value as { sum: number }).sum);
    expect(sums.reduce((sum, value) => sum + value, 0)).to.be.within(0.02, 2);
  });
});
