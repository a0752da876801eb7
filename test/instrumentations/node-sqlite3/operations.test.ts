import { AsyncLocalStorage } from "node:async_hooks";
import { join } from "node:path";
import { trace } from "@opentelemetry/api";
import { expect } from "chai";
import { before, describe, it } from "mocha";
import { needs } from "../../helpers/drivers.ts";
import { collect, copyOf, count, seriesWith, spansDuring, withoutStatements } from "../../helpers/observed.ts";
import { unregistered } from "../../helpers/registry.ts";
import { temporaryFolder } from "../../helpers/temp.ts";
import { closed, opened, resultOf, settled, type Db, type Sqlite3 } from "./sqlite3.ts";

/** Statements of one transaction, as the application calls them: none waits for the one before it. */
interface Case {
  readonly run: (db: Db, other: Db) => unknown;
  readonly mode: string;
  readonly outcome: string;
  readonly statements: number;
  readonly savepoints?: number;
  readonly failure?: string;
}

const ignore = (): void => {};
const insert = (db: Db, k: number): Db => db.run("INSERT INTO kv VALUES (?, ?)", k, "s3cret", ignore);
const ended = (db: Db): Promise<unknown> => settled((done) => db.wait(done));

const CASES: Readonly<Record<string, Case>> = {
  "BEGIN IMMEDIATE and COMMIT": {
    run: (db) => insert(insert(db.run("BEGIN IMMEDIATE"), 10), 11).run("COMMIT"),
    mode: "immediate",
    outcome: "commit",
    statements: 2,
  },
  "savepoints that are rolled back": {
    run: (db) => {
      insert(db.run("BEGIN"), 10).run("SAVEPOINT a");
      insert(db, 11).run("ROLLBACK TO a").run("RELEASE a").run("COMMIT");
    },
    mode: "deferred",
    outcome: "commit",
    statements: 2,
    savepoints: 1,
  },
  "a whole transaction in one script": {
    run: (db) => db.exec("BEGIN; INSERT INTO kv VALUES (10, 's3cret'); COMMIT"),
    mode: "deferred",
    outcome: "commit",
    statements: 1,
  },
  "a BEGIN behind a comment": {
    run: (db) => insert(db.exec("-- hi\nBEGIN"), 10).exec("/* bye */ END"),
    mode: "deferred",
    outcome: "commit",
    statements: 1,
  },
  "a conflict that rolls back": {
    run: (db) => insert(db.run("BEGIN"), 10).run("INSERT OR ROLLBACK INTO kv VALUES (1, 'x')", ignore),
    mode: "deferred",
    outcome: "error",
    statements: 2,
    failure: "SQLITE_CONSTRAINT",
  },
  "a lock that is held": {
    async run(db, other) {
      await settled((done) => other.run("BEGIN IMMEDIATE", done));
      await settled((done) => db.run("BEGIN IMMEDIATE", done)).catch(ignore);
      await settled((done) => other.run("ROLLBACK", done));
    },
    mode: "immediate",
    outcome: "conflict",
    statements: 0,
    failure: "SQLITE_BUSY",
  },
  "a stale snapshot": {
    async run(db, other) {
      await resultOf((done) => db.run("BEGIN").all("SELECT * FROM kv", done));
      await settled((done) => other.run("INSERT INTO kv VALUES (20, 'x')", done));
      insert(db, 10).run("ROLLBACK");
    },
    mode: "deferred",
    // Nothing tells it from a lock that is held.
    outcome: "conflict",
    statements: 2,
    failure: "SQLITE_BUSY",
  },
  "a trigger that rolls back": {
    run: (db) => {
      db.run("CREATE TRIGGER no BEFORE DELETE ON kv BEGIN SELECT RAISE(ROLLBACK, 'no'); END");
      db.run("BEGIN").run("DELETE FROM kv", ignore).run("COMMIT", ignore);
    },
    mode: "deferred",
    outcome: "error",
    statements: 1,
    failure: "SQLITE_ERROR",
  },
  "a database that is closed": {
    run: (db) => insert(db.run("BEGIN"), 10),
    mode: "deferred",
    outcome: "rollback",
    statements: 1,
  },
};

describe("the package sqlite3", () => {
  let sqlite: Sqlite3;
  let databases = 0;

  before(async function () {
    await needs("sqlite3", this);
    sqlite = copyOf<Sqlite3>("sqlite3", true);
  });

  async function fresh(): Promise<{ db: Db; other: Db; namespace: string }> {
    const namespace = `queued_${databases++}`;
    const file = join(temporaryFolder(), `${namespace}.db`);
    const [db, other] = await Promise.all([opened(sqlite, file), opened(sqlite, file)]);
    for (const each of [db, other]) each.configure("busyTimeout", 0);
    db.serialize();
    db.exec(
      "PRAGMA journal_mode = WAL; CREATE TABLE kv (k INTEGER PRIMARY KEY, v TEXT); INSERT INTO kv VALUES (1, 'a')",
    );
    await ended(db);
    return { db, other, namespace };
  }

  async function transactionsOf(namespace: string): Promise<Record<string, number>> {
    const all = await seriesWith({ "db.namespace": namespace });
    const transactions = all.filter(({ metric, value, attributes }) => {
      const { "storage.transaction.mode": mode } = attributes;
      return metric === "storage.transaction.duration" && value > 0 && mode !== "autocommit";
    });
    return Object.fromEntries(
      transactions.map(({ attributes, value }) => [
        [attributes["storage.transaction.mode"], attributes["storage.transaction.outcome"], attributes["error.type"]]
          .filter(Boolean)
          .join(" "),
        value,
      ]),
    );
  }

  for (const [title, { run, mode, outcome, statements, savepoints = 0, failure }] of Object.entries(CASES)) {
    it(`reports one transaction in ${title}`, async () => {
      const { db, other, namespace } = await fresh();
      const spans = await spansDuring(async () => {
        await run(db, other);
        await ended(db);
        await closed(db);
      });
      await closed(other);
      const key = [mode, outcome, failure].filter(Boolean).join(" ");
      const lock = title === "a lock that is held" ? { "immediate rollback": 1 } : {};
      expect(await transactionsOf(namespace)).to.deep.equal({ [key]: 1, ...lock });
      expect(await count("storage.transaction.active", { "db.namespace": namespace })).to.equal(0);
      const found = spans.filter(({ attributes }) => attributes["storage.transaction.outcome"] === outcome);
      // What could not begin is the span of its statement alone.
      expect(found).to.have.length(title === "a lock that is held" ? 0 : 1);
      for (const { attributes, parentSpanContext } of found) {
        expect(attributes["storage.transaction.statements"]).to.equal(statements);
        expect(attributes["storage.transaction.savepoints"] ?? 0).to.equal(savepoints);
        expect(attributes["error.type"]).to.equal(failure);
        expect(parentSpanContext?.spanId).to.equal(spans.at(-1)!.spanContext().spanId);
      }
      expect(
        JSON.stringify([spans.map(({ attributes, events }) => [attributes, events]), await seriesWith({})]),
      ).not.to.contain("s3cret");
    });
  }

  it("counts what runs at once, by statement, with its rows", async () => {
    const { db, namespace } = await fresh();
    db.parallelize();
    const reads = Array.from({ length: 50 }, (_, i) =>
      resultOf((done) => db.get("SELECT v FROM kv WHERE k = ?", (i % 2) + 1, done)),
    );
    const writes = Array.from({ length: 20 }, (_, i) =>
      settled((done) => db.run("INSERT INTO kv VALUES (?, 'x')", 100 + i, done)),
    );
    const failures = [1, 2].map(() => settled((done) => db.run("INSERT INTO kv VALUES (1, 'x')", done)).catch(ignore));
    await Promise.all([...reads, ...writes, ...failures]);
    let rows = 0;
    await resultOf((done) => db.each("SELECT k FROM kv", () => rows++, done));
    await new Promise(setImmediate);
    const of = (metric: string, attributes: object): Promise<number> =>
      count(metric, { "db.namespace": namespace, ...attributes });
    expect(await of("db.client.operation.duration", { "db.query.summary": "SELECT kv" })).to.equal(51);
    expect(await of("db.client.operation.duration", { "db.query.summary": "INSERT kv" })).to.equal(22);
    expect(await of("db.client.operation.duration", { "error.type": "SQLITE_CONSTRAINT" })).to.equal(2);
    expect(await of("storage.operation.records", { "disk.io.direction": "read" })).to.equal(25 + rows);
    expect(await of("storage.operation.records", { "disk.io.direction": "write" })).to.equal(20);
    expect(rows).to.equal(21);
    await closed(db);
  });

  it("calls back in the context of the call, and leaves that of the application as it is", async () => {
    const { db } = await fresh();
    const tracer = trace.getTracer("test");
    const requests = Array.from({ length: 20 }, (_, i) =>
      tracer.startActiveSpan(`request ${i}`, async (span) => {
        const seen = await new Promise<unknown[]>((resolve) => {
          db.get("SELECT ? AS i", i, (_error: unknown, row: { readonly i: number }) => {
            db.all("SELECT 1", () => resolve([row.i, trace.getActiveSpan() === span]));
          });
        });
        span.end();
        return seen;
      }),
    );
    expect(await Promise.all(requests)).to.deep.equal(Array.from({ length: 20 }, (_, i) => [i, true]));
    const own = new AsyncLocalStorage<string>();
    const bare = copyOf<Sqlite3>("sqlite3", false);
    const storeIn = async (one: Db): Promise<unknown> =>
      own.run("mine", () => new Promise((resolve) => one.get("SELECT 1", () => resolve(own.getStore()))));
    expect(await storeIn(db)).to.equal(await storeIn(await opened(bare)));
    await closed(db);
  });

  it("places an error of an asynchronous statement in the span that called it", async () => {
    const { db } = await fresh();
    const spans = await spansDuring(
      () => settled((done) => db.run("INSERT INTO kv VALUES (1, 's3cret')", done)).catch(ignore) as Promise<unknown>,
    );
    expect(spans.map(({ name }) => name)).to.deep.equal(["INSERT kv", "request"]);
    expect(spans[0]!.attributes).to.include({
      "error.type": "SQLITE_CONSTRAINT",
      "db.query.text": "INSERT INTO kv VALUES (?, ...)",
    });
    await closed(db);
  });

  it("shows no text of what SQLite refuses", async () => {
    const { db } = await fresh();
    const spans = await spansDuring(
      () => settled((done) => db.run('INSERT INTO "s3cret', done)).catch(ignore) as Promise<unknown>,
    );
    expect(spans).to.have.length(2);
    expect(spans[0]!.attributes).not.to.have.property("db.query.text");
    expect(JSON.stringify(spans[0]!.attributes)).not.to.contain("s3cret");
    await closed(db);
  });

  it("reports a backup, and one that is given up", async () => {
    const { db, namespace } = await fresh();
    const of = (attributes: object): Promise<number> =>
      count("storage.snapshot.duration", { "db.namespace": namespace, ...attributes });
    const spans = await spansDuring(async () => {
      const backup = db.backup(join(temporaryFolder(), "copy.db"));
      await settled((done) => backup.step(1, done));
      expect(await count("storage.snapshot.remaining", { "db.namespace": namespace })).to.equal(backup.remaining);
      await settled((done) => backup.step(-1, done));
      await settled((done) => backup.finish(done));
    });
    expect(withoutStatements(spans).map(({ name }) => name)).to.deep.equal([`snapshot ${namespace}`, "request"]);
    expect(await of({ "storage.snapshot.type": "backup" })).to.equal(1);
    const given = db.backup(join(temporaryFolder(), "copy.db"));
    await settled((done) => given.step(1, done));
    await settled((done) => given.finish(done));
    expect(await of({ "error.type": "_OTHER" })).to.equal(1);
    await settled((done) => db.backup("/nowhere/at/all.db", done)).catch(ignore);
    expect(await of({ "error.type": "SQLITE_CANTOPEN" })).to.equal(1);
    expect(await count("storage.snapshot.active", { "db.namespace": namespace })).to.equal(0);
    await closed(db);
  });

  it("emits nothing that is not in the registry", async () => {
    expect(unregistered(await collect())).to.deep.equal([]);
  });
});
