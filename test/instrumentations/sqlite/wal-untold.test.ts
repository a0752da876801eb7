import { statSync } from "node:fs";
import { join } from "node:path";
import type BetterSqlite3 from "better-sqlite3";
import { expect } from "chai";
import { describe, it } from "mocha";
import { DRIVER } from "../../helpers/drivers.ts";
import { collect, copyOf, count, seriesWith, spansOf } from "../../helpers/observed.ts";
import { temporaryFolder } from "../../helpers/temp.ts";

const modifiedAt = (path: string): bigint => statSync(path, { bigint: true }).mtimeNs;

/** What it is not told of is left out, rather than being zero. */
const UNTOLD = ["storage.checkpoint.pages", "storage.wal.resets", "storage.wal.pages", "storage.wal.checkpoint_lag"];

if (DRIVER?.startsWith("11.") === true) {
  describe("the write-ahead log of SQLite before 3.51", () => {
    const Database = copyOf<typeof BetterSqlite3>("better-sqlite3", true);
    const open = (namespace: string, autocheckpoint: number): { db: BetterSqlite3.Database; path: string } => {
      const path = join(temporaryFolder(), `${namespace}.db`);
      const db = new Database(path);
      db.pragma("journal_mode = wal");
      db.pragma(`wal_autocheckpoint = ${autocheckpoint}`);
      db.exec("CREATE TABLE kv (k INTEGER PRIMARY KEY, v TEXT)");
      return { db, path };
    };

    it("has automatic checkpoints inferred from its file, marked as estimated", async () => {
      const { db, path } = open("untold-auto", 100);
      const insert = db.prepare("INSERT INTO kv (v) VALUES (?)");
      const changes = new Set<bigint>();
      while (changes.size < 50) {
        insert.run("v".repeat(3_000));
        changes.add(modifiedAt(path));
      }
      const checkpoints = await seriesWith({ "db.namespace": "untold-auto" });
      const automatic = checkpoints.filter(({ metric }) => metric === "storage.checkpoints");
      expect(automatic.map(({ attributes }) => attributes["storage.measurement"])).to.satisfy((values: unknown[]) =>
        values.every((value) => value === "estimated"),
      );
      expect(await count("storage.checkpoints", { "db.namespace": "untold-auto" })).to.be.within(30, 50);
      expect(checkpoints.filter(({ metric }) => UNTOLD.includes(metric))).to.deep.equal([]);
      db.close();
    });

    it("is not checkpointed by polling", async () => {
      const { db, path } = open("untold-asked", 0);
      const insert = db.prepare("INSERT INTO kv (v) VALUES (?)");
      for (let i = 0; i < 200; i++) insert.run("v");
      const before = modifiedAt(path);
      await collect();
      for (let i = 0; i < 200; i++) insert.run("v");
      await collect();
      expect(modifiedAt(path)).to.equal(before);
      db.close();
    });

    it("has the checkpoints of the application, without pages", async () => {
      const { db } = open("untold-manual", 0);
      db.prepare("INSERT INTO kv (v) VALUES (?)").run("v");
      const spans = spansOf(() => db.pragma("wal_checkpoint(TRUNCATE)"));
      const span = spans.find(({ name }) => name === "checkpoint untold-manual")!;
      expect(span.attributes).to.include({
        "storage.checkpoint.trigger": "manual",
        "storage.checkpoint.mode": "truncate",
      });
      expect(span.attributes).to.not.have.any.keys("storage.checkpoint.page.count", "storage.measurement");
      const manual = { "db.namespace": "untold-manual", "storage.checkpoint.trigger": "manual" };
      expect(await count("storage.checkpoints", manual)).to.equal(1);
      db.close();
    });
  });
}
