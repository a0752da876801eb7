import { execFileSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type BetterSqlite3 from "better-sqlite3";
import { expect } from "chai";
import { describe, it } from "mocha";
import { collect, copyOf, count, seriesWith, spansOf, withoutStatements } from "../../helpers/observed.ts";
import { unregistered } from "../../helpers/registry.ts";
import { temporaryFolder } from "../../helpers/temp.ts";

const Database = copyOf<typeof BetterSqlite3>("better-sqlite3", true);
const { DatabaseSync: Sync } = createRequire(import.meta.url)("node:sqlite") as typeof import("node:sqlite");

const DURATION = "storage.compaction.duration";
const RECLAIMED = "storage.reclaim.size";
const ALLOCATED = "storage.space.allocated";
const LAST_SUCCESS = "storage.compaction.last_success.timestamp";

type Db = BetterSqlite3.Database | DatabaseSync;

const BINDINGS: Readonly<Record<string, (path: string) => Db>> = {
  "better-sqlite3": (path) => new Database(path),
  "node:sqlite": (path) => new Sync(path),
};

interface Opened {
  readonly db: Db;
  readonly path: string;
  readonly attributes: { readonly "db.namespace": string };
}

let databases = 0;

/** A database of its own, with as much free space as it has data. */
function open(binding: string, { journal = "wal", vacuum = "none" } = {}): Opened {
  const namespace = `compaction-${databases++}`;
  const path = join(temporaryFolder(), `${namespace}.db`);
  const db = BINDINGS[binding]!(path);
  db.exec(`PRAGMA auto_vacuum = ${vacuum}`);
  db.exec(`PRAGMA journal_mode = ${journal}`);
  db.exec("CREATE TABLE kv (k INTEGER PRIMARY KEY, v TEXT)");
  const insert = db.prepare("INSERT INTO kv (v) VALUES (?)");
  db.exec("BEGIN");
  for (let i = 0; i < 200; i++) insert.run("v".repeat(1000));
  db.exec("COMMIT");
  db.exec("DELETE FROM kv WHERE k % 2 = 0");
  db.exec("DELETE FROM kv WHERE k > 100");
  return { db, path, attributes: { "db.namespace": namespace } };
}

const pragma = (db: Db, name: string): number =>
  Object.values(db.prepare(`PRAGMA ${name}`).get() as Record<string, number>)[0]!;

const sizeOf = (db: Db): number => pragma(db, "page_count") * pragma(db, "page_size");
const freeOf = (db: Db): number => pragma(db, "freelist_count") * pragma(db, "page_size");

const allocated = ({ attributes }: Opened, state: string): Promise<number> =>
  count(ALLOCATED, { ...attributes, "storage.space.state": state });

const ofType = ({ attributes }: Opened, type: string): Promise<number> =>
  count(DURATION, { ...attributes, "storage.compaction.type": type });

describe("compaction of SQLite", () => {
  for (const binding of Object.keys(BINDINGS)) {
    describe(`with ${binding}`, () => {
      for (const journal of ["wal", "delete"]) {
        it(`counts each VACUUM and the bytes it freed, with the journal ${journal}`, async () => {
          const opened = open(binding, { journal });
          const { db, attributes } = opened;
          const before = sizeOf(db);
          db.exec("VACUUM");
          db.prepare("VACUUM main; -- again").run();
          expect(await ofType(opened, "vacuum")).to.equal(2);
          expect(before).to.be.greaterThan(sizeOf(db));
          expect(await count(RECLAIMED, attributes)).to.equal(before - sizeOf(db));
          expect(await count(LAST_SUCCESS, attributes)).to.be.closeTo(Date.now() / 1000, 10);
          db.close();
        });

        it(`counts each incremental vacuum and the bytes it freed, with the journal ${journal}`, async () => {
          const opened = open(binding, { journal, vacuum: "incremental" });
          const { db, attributes } = opened;
          const before = sizeOf(db);
          db.exec("PRAGMA incremental_vacuum(3)");
          expect(before - sizeOf(db)).to.equal(3 * pragma(db, "page_size"));
          expect(await count(RECLAIMED, attributes)).to.equal(before - sizeOf(db));
          // One page for each step, and there is but one.
          db.prepare("PRAGMA incremental_vacuum").run();
          expect(await count(RECLAIMED, attributes)).to.equal(4 * pragma(db, "page_size"));
          db.exec("PRAGMA main.incremental_vacuum");
          expect(freeOf(db)).to.equal(0);
          expect(await count(RECLAIMED, attributes)).to.equal(before - sizeOf(db));
          expect(await ofType(opened, "incremental_vacuum")).to.equal(3);
          db.close();
        });
      }

      it("counts a VACUUM in a script of settings for it, and none in a script with other work", async () => {
        const opened = open(binding);
        const { db, attributes } = opened;
        const before = sizeOf(db);
        db.exec("PRAGMA auto_vacuum = INCREMENTAL; VACUUM;");
        expect(pragma(db, "auto_vacuum")).to.equal(2);
        expect(await ofType(opened, "vacuum")).to.equal(1);
        expect(await count(RECLAIMED, attributes)).to.equal(before - sizeOf(db));
        db.exec("DELETE FROM kv; VACUUM");
        db.exec("VACUUM; VACUUM");
        expect(await ofType(opened, "vacuum")).to.equal(1);
        db.close();
      });

      it("counts a VACUUM that failed in a transaction, with the type of its error and no freed bytes", async () => {
        const opened = open(binding);
        const { db, attributes } = opened;
        const spans = withoutStatements(
          spansOf(() => {
            db.exec("BEGIN");
            expect(() => db.exec("VACUUM")).to.throw("cannot VACUUM from within a transaction");
            db.exec("COMMIT");
          }),
        );
        expect(await count(DURATION, { ...attributes, "error.type": "SQLITE_ERROR" })).to.equal(1);
        expect(await count(DURATION, attributes)).to.equal(1);
        expect((await seriesWith(attributes)).map(({ metric }) => metric)).not.to.include.members([
          RECLAIMED,
          LAST_SUCCESS,
        ]);
        expect(spans[0]!.name).to.equal(`compaction ${attributes["db.namespace"]}`);
        expect(spans[0]!.status.code).to.equal(2);
        db.close();
      });

      it("counts compactions of a full-text index, by its name", async () => {
        const opened = open(binding);
        const { db, attributes } = opened;
        db.exec("CREATE VIRTUAL TABLE words USING fts5(word)");
        db.exec("CREATE TABLE optimize (optimize TEXT)");
        const insert = db.prepare("INSERT INTO words VALUES (?)");
        for (const word of ["merge", "optimize", "rebuild"]) insert.run(word);
        db.exec("INSERT INTO words (words) VALUES ('optimize')");
        db.prepare("INSERT INTO main.words (words, rank) VALUES ('merge', 500)").run();
        db.prepare(`INSERT INTO "words"("words", rank) VALUES('MERGE', -500)`).run();
        db.exec("INSERT INTO words(words) VALUES('rebuild')");
        // None of these is one.
        db.exec("INSERT INTO words (words) VALUES ('integrity-check')");
        db.exec("INSERT INTO words (word) VALUES ('optimize')");
        db.exec("INSERT INTO optimize (optimize) VALUES ('optimize')");
        const types = async (type: string): Promise<number> =>
          count(DURATION, {
            ...attributes,
            "storage.compaction.type": type,
            "storage.search.index.name": "words",
          });
        expect([await types("optimize"), await types("merge"), await types("rebuild")]).to.deep.equal([1, 2, 1]);
        expect(await count(DURATION, attributes)).to.equal(4);
        // They are writes as well.
        const writes = { ...attributes, "db.query.summary": "INSERT words" };
        expect(await count("db.client.operation.duration", writes)).to.equal(3 + 4 + 2);
        db.close();
      });

      it("does not count commands that compact something else, or nothing", async () => {
        const { db, attributes } = open(binding);
        const folder = temporaryFolder();
        db.exec(`ATTACH '${join(folder, "other.db")}' AS other`);
        db.exec("CREATE TABLE other.t (a)");
        for (const sql of [
          "VACUUM other",
          `VACUUM INTO '${join(folder, "copy.db")}'`,
          "EXPLAIN VACUUM",
          "PRAGMA auto_vacuum",
          "PRAGMA other.incremental_vacuum",
          "SELECT 'VACUUM'",
        ]) {
          db.exec(sql);
        }
        expect(await count(DURATION, attributes)).to.equal(0);
        db.close();
      });

      it("creates one span for a compaction, in place of its statement's", () => {
        const { db, attributes } = open(binding);
        const before = sizeOf(db);
        const spans = withoutStatements(spansOf(() => db.exec("VACUUM")));
        const namespace = attributes["db.namespace"];
        expect(spans.map(({ name }) => name)).to.deep.equal([`compaction ${namespace}`, "request"]);
        expect(spans[0]!.parentSpanContext?.spanId).to.equal(spans[1]!.spanContext().spanId);
        expect(spans[0]!.attributes).to.deep.equal({
          "db.system.name": "sqlite",
          "db.namespace": namespace,
          "storage.compaction.type": "vacuum",
          "storage.compaction.reclaimed": before - sizeOf(db),
        });
        db.close();
      });

      it("reports the live and free bytes of a database once for all its connections", async () => {
        const opened = open(binding);
        const { db, path } = opened;
        const other = BINDINGS[binding]!(path);
        other.prepare("SELECT count(*) FROM kv").get();
        expect(freeOf(db)).to.be.greaterThan(0);
        expect(await allocated(opened, "free")).to.equal(freeOf(db));
        expect(await allocated(opened, "live")).to.equal(sizeOf(db) - freeOf(db));
        db.exec("DELETE FROM kv");
        expect(await allocated(opened, "free")).to.equal(freeOf(db));
        db.exec("VACUUM");
        expect(await allocated(opened, "free")).to.equal(0);
        expect(await allocated(opened, "live")).to.equal(sizeOf(db));
        db.close();
        expect(await allocated(opened, "live")).to.be.greaterThan(0);
        other.close();
        expect(await allocated(opened, "live")).to.equal(0);
      });

      it("shows what auto_vacuum does: nothing stays free", async () => {
        const opened = open(binding, { vacuum: "full" });
        const { db } = opened;
        expect([await allocated(opened, "free"), await allocated(opened, "live")]).to.deep.equal([0, sizeOf(db)]);
        db.exec("DELETE FROM kv");
        expect([await allocated(opened, "free"), await allocated(opened, "live")]).to.deep.equal([0, sizeOf(db)]);
        db.close();
      });

      it("does not poll within a transaction: the previous values stay", async () => {
        const opened = open(binding);
        const { db, path } = opened;
        const before = await allocated(opened, "free");
        db.exec("BEGIN");
        // Asked now, it would have the snapshot of the transaction taken here.
        expect(await allocated(opened, "free")).to.equal(before);
        const other = BINDINGS[binding]!(path);
        other.exec("DELETE FROM kv");
        other.close();
        expect(Object.values(db.prepare("SELECT count(*) FROM kv").get() as object)).to.deep.equal([0]);
        expect(await allocated(opened, "free")).to.equal(before);
        db.exec("COMMIT");
        expect(await allocated(opened, "free"))
          .to.equal(freeOf(db))
          .and.to.be.greaterThan(before);
        db.close();
      });

      it("does not poll a database with a rollback journal, where a reader blocks a writer", async () => {
        const opened = open(binding, { journal: "delete" });
        const series = await seriesWith(opened.attributes);
        expect(series.map(({ metric }) => metric)).not.to.include(ALLOCATED);
        opened.db.close();
      });
    });
  }

  it("does not wait for a lock before the statement that does", async () => {
    const path = join(temporaryFolder(), "compaction-locked.db");
    const [db, other] = [new Database(path, { timeout: 200 }), new Database(path)];
    db.pragma("journal_mode = delete");
    db.exec("CREATE TABLE t (a)");
    other.exec("BEGIN EXCLUSIVE");
    const start = performance.now();
    expect(() => db.exec("VACUUM")).to.throw("database is locked");
    await collect();
    expect(performance.now() - start).to.be.within(150, 380);
    other.close();
    db.close();
  });

  it("reports the pages of databases without a file, and none of one whose statements are logged", async () => {
    const before = await count(ALLOCATED, { "db.namespace": "memory" });
    const db = new Database(":memory:");
    db.exec("CREATE TABLE t (a)");
    expect((await count(ALLOCATED, { "db.namespace": "memory" })) - before).to.equal(sizeOf(db));
    db.close();
    expect(await count(ALLOCATED, { "db.namespace": "memory" })).to.equal(before);

    const statements: unknown[] = [];
    const path = join(temporaryFolder(), "compaction-logged.db");
    const logged = new Database(path, { verbose: (sql) => statements.push(sql) });
    logged.exec("PRAGMA journal_mode = WAL");
    logged.exec("VACUUM");
    await collect();
    expect(statements).to.deep.equal(["PRAGMA journal_mode = WAL", "VACUUM"]);
    expect(await count(DURATION, { "db.namespace": "compaction-logged" })).to.equal(1);
    expect(await count(ALLOCATED, { "db.namespace": "compaction-logged" })).to.equal(0);
    logged.close();
  });

  it("holds no lock between collections, and opens no file", async () => {
    const { db, path } = open("better-sqlite3");
    await collect();
    db.exec("VACUUM");
    expect(existsSync(`${path}-wal`)).to.equal(true);
    const locks = execFileSync("cat", ["/proc/locks"], { encoding: "utf8" });
    const { ino } = statSync(path);
    const held = locks.split("\n").filter((line) => line.includes(`:${ino} `) && line.includes(` ${process.pid} `));
    // The shared lock a connection in WAL mode keeps; a reader or writer would hold one of the index of the log.
    expect(held.every((line) => line.includes("READ"))).to.equal(true);
    db.close();
  });

  it("emits only telemetry of the registry", async () => {
    expect(unregistered(await collect())).to.deep.equal([]);
  });
});
