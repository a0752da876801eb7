import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type BetterSqlite3 from "better-sqlite3";
import { expect } from "chai";
import { describe, it } from "mocha";
import { lockElsewhere } from "../../helpers/lock.ts";
import { collect, copyOf, count } from "../../helpers/observed.ts";
import { unregistered } from "../../helpers/registry.ts";
import { temporaryFolder } from "../../helpers/temp.ts";

const Database = copyOf<typeof BetterSqlite3>("better-sqlite3", true);
const METRIC = "storage.transaction.commit.off_cpu.duration";

describe("the wait time of commits", () => {
  it("is measured for a sample of single writes and transactions that stands for all", async () => {
    const db = new Database(join(temporaryFolder(), "sampled.db"));
    db.pragma("synchronous = OFF");
    db.exec("CREATE TABLE t (a)");
    const insert = db.prepare("INSERT INTO t VALUES (1)");
    const both = db.transaction(() => (insert.run(), insert.run()));
    const read = db.prepare("SELECT * FROM t");
    let commits = 1;
    for (const end = performance.now() + 500; performance.now() < end; commits += 2) {
      insert.run();
      both();
      read.get();
    }
    // But for those since the last one that was measured.
    expect(await count(METRIC, { "db.namespace": "sampled" })).to.be.within(0.7 * commits, commits);
    expect(unregistered(await collect())).to.deep.equal([]);
    // They become rarer: however many were to go by, the second of these is measured at the latest.
    for (let rare = 0; rare < 2; rare++) {
      await wait(100);
      insert.run();
    }
    expect(await count(METRIC, { "db.namespace": "sampled" })).to.be.within(commits + 1, commits + 2);
  });

  it("includes the time for which another process held the lock", async () => {
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
