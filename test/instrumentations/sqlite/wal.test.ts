import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import type BetterSqlite3 from "better-sqlite3";
import { expect } from "chai";
import { describe, it } from "mocha";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { spanPolicy } from "../../../src/spans/policy.ts";
import { ROOT } from "../../helpers/app.ts";
import { DRIVER } from "../../helpers/drivers.ts";
import { collect, copyOf, count, seriesWith, spansOf } from "../../helpers/observed.ts";
import { unregistered } from "../../helpers/registry.ts";
import { temporaryFolder } from "../../helpers/temp.ts";

type Db = BetterSqlite3.Database;

const Database = copyOf<typeof BetterSqlite3>("better-sqlite3", true);

const CHECKPOINTS = "storage.checkpoints";
const PAGES = "storage.checkpoint.pages";
const DURATION = "storage.checkpoint.duration";
const LAST_SUCCESS = "storage.checkpoint.last_success.timestamp";
const LAG = "storage.wal.checkpoint_lag";

interface Opened {
  readonly db: Db;
  readonly path: string;
  readonly attributes: { readonly "db.namespace": string };
}

let databases = 0;

/** A database of its own in WAL mode, which has had its first commits. */
function open({ autocheckpoint = 0, journal = "wal" } = {}): Opened {
  const namespace = `wal-${databases++}`;
  const path = join(temporaryFolder(), `${namespace}.db`);
  const db = new Database(path);
  db.pragma(`journal_mode = ${journal}`);
  db.pragma(`wal_autocheckpoint = ${autocheckpoint}`);
  db.exec("CREATE TABLE kv (k INTEGER PRIMARY KEY, v TEXT)");
  return { db, path, attributes: { "db.namespace": namespace } };
}

const insert = (db: Db, rows = 1): void => {
  const statement = db.prepare("INSERT INTO kv (v) VALUES (?)");
  for (let i = 0; i < rows; i++) statement.run("v".repeat(100));
};

/**
 * Frames of the log and those of them that are checkpointed, as the engine itself says. By the same copy of the
 * engine: the locks of a process are one to the system, so a second copy would undo those of the first.
 */
function progress(path: string): { log: number; checkpointed: number } {
  const db = new Database(path);
  const row = db.prepare<[], [number, number, number]>("PRAGMA wal_checkpoint(NOOP)").raw().get()!;
  db.close();
  return { log: row[1], checkpointed: row[2] };
}

/** Counts the changes of a file, which in WAL mode are its checkpoints. */
class Model {
  checkpoints = 0;
  pages = 0;
  resets = 0;
  readonly #db: Db;
  readonly #path: string;
  readonly #noop: BetterSqlite3.Statement<[], [number, number, number]>;
  #modified: bigint;
  #checkpointed: number;
  #log: number;

  constructor(path: string) {
    this.#path = path;
    this.#db = new Database(path);
    this.#noop = this.#db.prepare<[], [number, number, number]>("PRAGMA wal_checkpoint(NOOP)").raw();
    this.#modified = this.#stat();
    [, this.#log, this.#checkpointed] = this.#noop.get()!;
  }

  /** To be called after each commit. @returns whether there was a checkpoint in it */
  look(): boolean {
    const modified = this.#stat();
    const [, log, checkpointed] = this.#noop.get()!;
    const found = modified !== this.#modified;
    const startedOver = log < this.#log || (found && this.#checkpointed === this.#log);
    if (found) this.checkpoints++;
    if (log < this.#log) this.resets++;
    this.pages += checkpointed - (startedOver ? 0 : this.#checkpointed);
    this.#modified = modified;
    this.#log = log;
    this.#checkpointed = checkpointed;
    return found;
  }

  close(): void {
    this.#db.close();
  }

  #stat(): bigint {
    return statSync(this.#path, { bigint: true }).mtimeNs;
  }
}

/** Has commits of different kinds and sizes run until so many checkpoints happened. */
function commitUntil(checkpoints: number, db: Db, model: Model): number {
  const transaction = db.transaction((rows: number) => insert(db, rows));
  let commits = 0;
  while (model.checkpoints < checkpoints) {
    if (commits % 3 === 0) transaction(1 + (commits % 40));
    else insert(db);
    model.look();
    commits++;
  }
  return commits;
}

// Version 11 has a SQLite that does not tell of its log.
(DRIVER?.startsWith("11.") === true ? describe.skip : describe)("the write-ahead log", () => {
  describe("automatic checkpoints", () => {
    for (const autocheckpoint of [20, 100, 1000]) {
      it(`counts each of 120 where the log grows to ${autocheckpoint} pages`, async () => {
        const { db, path, attributes } = open({ autocheckpoint });
        const model = new Model(path);
        commitUntil(120, db, model);
        expect(await count(CHECKPOINTS, attributes)).to.equal(model.checkpoints);
        expect(await count(PAGES, attributes)).to.equal(model.pages);
        expect(await count("storage.wal.resets", attributes)).to.equal(model.resets);
        model.close();
        db.close();
      });
    }

    it("reports them on the commits that ran them, with a duration", async () => {
      const { db, path, attributes } = open({ autocheckpoint: 200 });
      const model = new Model(path);
      commitUntil(100, db, model);
      const auto = { ...attributes, "storage.checkpoint.trigger": "auto", "storage.checkpoint.mode": "passive" };
      expect(await count(CHECKPOINTS, auto)).to.equal(100);
      expect(await count(DURATION, { ...auto, "storage.measurement": "estimated" })).to.equal(100);
      expect(await count(CHECKPOINTS, attributes)).to.equal(100);
      model.close();
      db.close();
    });

    it("counts those of two connections to one file once", async () => {
      const { db, path, attributes } = open({ autocheckpoint: 50 });
      const other = new Database(path);
      other.pragma("wal_autocheckpoint = 50");
      const model = new Model(path);
      for (let i = 0; model.checkpoints < 100; i++) {
        insert(i % 2 === 0 ? db : other);
        model.look();
      }
      expect(await count(CHECKPOINTS, attributes)).to.equal(100);
      expect(await count(PAGES, attributes)).to.equal(model.pages);
      model.close();
      other.close();
      db.close();
    });

    it("counts one that the first commit ran", async () => {
      const { db, path, attributes } = open({ autocheckpoint: 5 });
      db.exec("DROP TABLE kv");
      db.close();
      const again = new Database(path);
      again.pragma("wal_autocheckpoint = 5");
      again.transaction(() => {
        again.exec("CREATE TABLE kv (k INTEGER PRIMARY KEY, v TEXT)");
        insert(again, 500);
      })();
      const auto = { ...attributes, "storage.checkpoint.trigger": "auto" };
      expect(await count(CHECKPOINTS, auto)).to.equal(1);
      again.close();
    });

    it("counts one of another process at the next collection, as external", async () => {
      const { db, path, attributes } = open();
      insert(db, 30);
      await collect();
      const checkpoint = `new (require("better-sqlite3"))(process.argv[1]).pragma("wal_checkpoint(PASSIVE)")`;
      execFileSync(process.execPath, ["-e", checkpoint, path], { cwd: ROOT });
      const { log } = progress(path);
      expect(await count(CHECKPOINTS, { ...attributes, "storage.checkpoint.trigger": "other" })).to.equal(1);
      expect(await count(CHECKPOINTS, attributes)).to.equal(1);
      expect(await count(PAGES, attributes)).to.equal(log);
      expect(await count(DURATION, attributes)).to.equal(0);
      db.close();
    });

    it("counts the one when the last connection closes", async () => {
      const { db, path, attributes } = open();
      const other = new Database(path);
      insert(db, 30);
      insert(other, 1);
      other.close();
      expect(await count(CHECKPOINTS, attributes)).to.equal(0);
      db.close();
      expect(await count(CHECKPOINTS, { ...attributes, "storage.checkpoint.trigger": "shutdown" })).to.equal(1);
    });

    it("does not count one that a reader prevents from moving any page", async () => {
      const { db, path, attributes } = open({ autocheckpoint: 10 });
      const reader = new Database(path);
      const model = new Model(path);
      insert(db, 3);
      reader.exec("BEGIN; SELECT * FROM kv");
      for (let i = 0; i < 50; i++) {
        insert(db);
        model.look();
      }
      expect(await count(CHECKPOINTS, attributes)).to.equal(model.checkpoints);
      expect(await count(PAGES, attributes)).to.equal(model.pages);
      reader.close();
      model.close();
      db.close();
    });

    it("have a span inside of the commit that ran them", () => {
      const { db, attributes } = open({ autocheckpoint: 300 });
      insert(db, 50);
      const spans = spansOf(() => {
        db.transaction(() => insert(db, 20_000))();
      });
      const [checkpoint, ...others] = spans.filter(({ name }) => name.startsWith("checkpoint"));
      const transaction = spans.find(({ name }) => name.startsWith("transaction"))!;
      const commit = spans.find(({ name }) => name === "COMMIT")!;
      expect(commit.parentSpanContext?.spanId).to.equal(transaction.spanContext().spanId);
      expect(others).to.deep.equal([]);
      expect(checkpoint!.name).to.equal(`checkpoint ${attributes["db.namespace"]}`);
      expect(checkpoint!.attributes).to.include({
        ...attributes,
        "db.system.name": "sqlite",
        "storage.checkpoint.trigger": "auto",
        "storage.checkpoint.mode": "passive",
        "storage.measurement": "estimated",
      });
      expect(checkpoint!.attributes["storage.checkpoint.page_count"]).to.be.greaterThan(300);
      expect(checkpoint!.parentSpanContext?.spanId).to.equal(commit.spanContext().spanId);
      expect(nanoseconds(checkpoint!.startTime)).to.be.greaterThan(nanoseconds(commit.startTime));
      expect(nanoseconds(checkpoint!.endTime)).to.be.at.most(nanoseconds(commit.endTime));
      expect(nanoseconds(checkpoint!.endTime)).to.be.greaterThan(nanoseconds(checkpoint!.startTime));
      db.close();
    });

    it("have a span inside the transaction or the write if the commit has none of its own", () => {
      const { db, attributes } = open({ autocheckpoint: 300 });
      insert(db, 50);
      const policy = { ...spanPolicy };
      spanPolicy.threshold = Infinity;
      const inTransaction = spansOf(() => db.transaction(() => insert(db, 20_000))());
      spanPolicy.threshold = 0;
      const alone = spansOf(() => {
        for (let i = 0; i < 400; i++) insert(db);
      });
      Object.assign(spanPolicy, policy);
      const parents = (spans: readonly ReadableSpan[]): (string | undefined)[] =>
        spans
          .filter(({ name }) => name.startsWith("checkpoint"))
          .map((each) => spans.find((span) => span.spanContext().spanId === each.parentSpanContext?.spanId)?.name);
      expect(parents(inTransaction)).to.deep.equal([`transaction ${attributes["db.namespace"]}`]);
      expect([...new Set(parents(alone))]).to.deep.equal(["INSERT kv"]);
      db.close();
    });
  });

  describe("checkpoints of the application", () => {
    const ways: Readonly<Record<string, (db: Db) => unknown>> = {
      "pragma()": (db) => db.pragma("wal_checkpoint(PASSIVE)"),
      "pragma(), simple": (db) => db.pragma("wal_checkpoint", { simple: true }),
      "get()": (db) => db.prepare("PRAGMA wal_checkpoint(FULL)").get(),
      "get(), raw": (db) => db.prepare("PRAGMA main.wal_checkpoint(RESTART)").raw().get(),
      "all(), plucked, of big integers": (db) =>
        db.prepare("PRAGMA WAL_CHECKPOINT=passive").pluck().safeIntegers().all(),
      "iterate()": (db) => [...db.prepare("PRAGMA wal_checkpoint(FULL)").iterate()],
      "exec()": (db) => db.exec("PRAGMA wal_checkpoint(FULL)"),
    };
    for (const [way, run] of Object.entries(ways)) {
      it(`measures one by ${way}`, async () => {
        const { db, path, attributes } = open();
        insert(db, 30);
        const { log, checkpointed } = progress(path);
        const span = spansOf(() => run(db)).find(({ name }) => name.startsWith("checkpoint"));
        const manual = { ...attributes, "storage.checkpoint.trigger": "manual" };
        expect(await count(CHECKPOINTS, manual)).to.equal(1);
        expect(await count(CHECKPOINTS, attributes)).to.equal(1);
        expect(await count(DURATION, manual)).to.equal(1);
        expect(await count(PAGES, attributes)).to.equal(log - checkpointed);
        expect(await count(LAST_SUCCESS, attributes)).to.be.closeTo(Date.now() / 1000, 5);
        expect(span!.name).to.equal(`checkpoint ${attributes["db.namespace"]}`);
        expect(span!.attributes["storage.checkpoint.page_count"]).to.equal(log);
        expect(span!.attributes).not.to.have.property("error.type");
        db.close();
      });
    }

    it("counts no pages for one that found nothing new", async () => {
      const { db, attributes } = open();
      insert(db, 30);
      db.pragma("wal_checkpoint(FULL)");
      const before = await count(PAGES, attributes);
      db.pragma("wal_checkpoint(FULL)");
      expect(await count(PAGES, attributes)).to.equal(before);
      expect(await count(CHECKPOINTS, attributes)).to.equal(2);
      db.close();
    });

    it("does not estimate the pages of one that truncated the log", async () => {
      const { db, path, attributes } = open();
      insert(db, 30);
      const [span] = spansOf(() => db.pragma("wal_checkpoint(TRUNCATE)"));
      expect(progress(path)).to.deep.equal({ log: 0, checkpointed: 0 });
      expect(span!.attributes).not.to.have.property("storage.checkpoint.page_count");
      expect(await count(PAGES, attributes)).to.equal(0);
      expect(await count(CHECKPOINTS, attributes)).to.equal(1);
      db.close();
    });

    for (const mode of ["RESTART", "TRUNCATE"]) {
      it(`reports a ${mode} that a reader blocks as busy, and counts the moved pages`, async () => {
        const { db, path, attributes } = open();
        db.pragma("busy_timeout = 20");
        insert(db, 30);
        const reader = new Database(path);
        reader.exec("BEGIN");
        reader.prepare("SELECT count(*) FROM kv").get();
        const { log: pinned } = progress(path);
        insert(db, 20);
        const [span] = spansOf(() => db.pragma(`wal_checkpoint(${mode})`));
        expect(span!.attributes["error.type"]).to.equal("SQLITE_BUSY");
        expect(await count(DURATION, { ...attributes, "error.type": "SQLITE_BUSY" })).to.equal(1);
        expect(await count(PAGES, attributes)).to.equal(progress(path).checkpointed);
        expect(progress(path).checkpointed).to.be.at.least(pinned);
        expect(await count(LAST_SUCCESS, attributes)).to.equal(0);
        reader.close();
        db.close();
      });
    }

    it("reports the pages it left in the log, and the operation that blocked it", () => {
      const { db, path } = open();
      const reader = new Database(path);
      insert(db, 10);
      const rows = reader.prepare("SELECT v FROM kv").iterate();
      rows.next();
      insert(db, 10);
      const { log, checkpointed } = progress(path);
      expect(checkpointed).to.equal(0);
      const [span] = spansOf(() => db.pragma("wal_checkpoint"));
      expect(span!.attributes).to.include({
        "storage.checkpoint.pages_left": log - progress(path).checkpointed,
        "storage.checkpoint.blocker.summary": "SELECT kv",
      });
      expect(span!.attributes["storage.checkpoint.blocker.age"]).to.be.within(0, 10);
      rows.return!();
      const [complete] = spansOf(() => db.pragma("wal_checkpoint"));
      expect(complete!.attributes).to.not.have.any.keys(
        "storage.checkpoint.pages_left",
        "storage.checkpoint.blocker.summary",
      );
      reader.close();
      db.close();
    });

    it("counts one that is refused", async () => {
      const { db, attributes } = open();
      insert(db);
      db.exec("BEGIN; INSERT INTO kv (v) VALUES ('x')");
      expect(() => db.pragma("wal_checkpoint")).to.throw();
      expect(await count(DURATION, { ...attributes, "error.type": "SQLITE_LOCKED" })).to.equal(1);
      db.exec("ROLLBACK");
      db.close();
    });
  });

  describe("the lag", () => {
    it("is the part of the log that is not in the database", async () => {
      const { db, path, attributes } = open();
      insert(db, 30);
      const pageSize = db.pragma("page_size", { simple: true }) as number;
      const lag = (): number => {
        const { log, checkpointed } = progress(path);
        return (log - checkpointed) * pageSize;
      };
      expect(lag()).to.be.greaterThan(0);
      expect(await count(LAG, attributes)).to.equal(lag());

      const reader = new Database(path);
      reader.exec("BEGIN");
      reader.prepare("SELECT count(*) FROM kv").get();
      insert(db, 10);
      db.pragma("wal_checkpoint(PASSIVE)");
      expect(lag()).to.be.greaterThan(0);
      expect(await count(LAG, attributes)).to.equal(lag());

      reader.close();
      db.pragma("wal_checkpoint(FULL)");
      expect(lag()).to.equal(0);
      expect(await count(LAG, attributes)).to.equal(0);
      db.close();
    });

    it("stays unchanged while a transaction is open, which is not disturbed", async () => {
      const { db, attributes } = open();
      insert(db, 30);
      const before = await count(LAG, attributes);
      db.exec("BEGIN; INSERT INTO kv (v) VALUES ('x')");
      expect(await count(LAG, attributes)).to.equal(before);
      db.exec("COMMIT");
      expect(await count(LAG, attributes)).to.be.greaterThan(before);
      db.close();
    });

    it("is polled without a checkpoint and without changing the application's settings", async () => {
      const { db, path } = open({ autocheckpoint: 777 });
      insert(db, 30);
      const before = progress(path);
      for (let i = 0; i < 10; i++) await collect();
      expect(progress(path)).to.deep.equal(before);
      expect(db.pragma("wal_autocheckpoint", { simple: true })).to.equal(777);
      db.close();
    });
  });

  it("is not reported for a database without a log", async () => {
    const { db, attributes } = open({ journal: "delete" });
    const memory = new Database(":memory:");
    memory.exec("CREATE TABLE kv (k INTEGER PRIMARY KEY, v TEXT)");
    for (const each of [db, memory]) {
      insert(each, 100);
      each.pragma("wal_checkpoint");
    }
    const names = [CHECKPOINTS, PAGES, DURATION, LAST_SUCCESS, LAG];
    for (const database of [attributes, { "db.system.name": "sqlite", "db.namespace": "memory" }]) {
      const series = await seriesWith(database);
      expect(series.filter(({ metric }) => names.includes(metric))).to.deep.equal([]);
    }
    db.close();
  });

  it("is followed when the application changes the journal mode", async () => {
    const { db, path, attributes } = open({ journal: "delete", autocheckpoint: 20 });
    insert(db, 50);
    for (let round = 1; round <= 2; round++) {
      db.pragma("journal_mode = wal");
      const before = await count(CHECKPOINTS, attributes);
      const model = new Model(path);
      insert(db, 17);
      for (let i = 0; i < 200; i++) {
        insert(db);
        model.look();
      }
      const after = await count(CHECKPOINTS, attributes);
      expect(after - before).to.be.within(model.checkpoints, model.checkpoints + 2);
      model.close();
      db.pragma("journal_mode = delete");
      insert(db, 50);
      expect((await count(CHECKPOINTS, attributes)) - after).to.be.at.most(1);
    }
    db.close();
  });

  it("emits only telemetry of the registry", async () => {
    const { db } = open({ autocheckpoint: 20 });
    insert(db, 200);
    db.pragma("wal_checkpoint(TRUNCATE)");
    expect(unregistered(await collect())).to.deep.equal([]);
    db.close();
  });
});

const nanoseconds = ([seconds, rest]: readonly [number, number]): number => (seconds % 1e6) * 1e9 + rest;
