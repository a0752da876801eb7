import { join } from "node:path";
import type BetterSqlite3 from "better-sqlite3";
import { expect } from "chai";
import { describe, it } from "mocha";
import { copyOf, count, seriesWith, spansOf } from "../../helpers/observed.ts";
import { temporaryFolder } from "../../helpers/temp.ts";

type Db = BetterSqlite3.Database;

const Database = copyOf<typeof BetterSqlite3>("better-sqlite3", true);

/** One transaction each: what the application does, and what is to be seen of it. */
interface Case {
  readonly run: (db: Db, other: Db) => void;
  readonly mode: string;
  readonly outcome: string;
  readonly statements: number;
  readonly savepoints?: number;
  readonly failure?: string;
  /** Single writes beside the transaction. */
  readonly autocommits?: number;
}

const insert = (db: Db, k: number): BetterSqlite3.RunResult =>
  db.prepare("INSERT INTO kv VALUES (?, ?)").run(k, `v${k}`);

const refused = (call: () => unknown): void => {
  expect(call).to.throw();
};

const CASES: Readonly<Record<string, Case>> = {
  "transaction()": {
    run: (db) => db.transaction(() => [insert(db, 10), insert(db, 11)])(),
    mode: "deferred",
    outcome: "commit",
    statements: 2,
  },
  "transaction().immediate()": {
    run: (db) => db.transaction(() => insert(db, 10)).immediate(),
    mode: "immediate",
    outcome: "commit",
    statements: 1,
  },
  "transaction().exclusive()": {
    run: (db) => db.transaction(() => insert(db, 10)).exclusive(),
    mode: "exclusive",
    outcome: "commit",
    statements: 1,
  },
  "an empty transaction": {
    run: (db) => db.transaction(() => {})(),
    mode: "deferred",
    outcome: "commit",
    statements: 0,
  },
  "a transaction that only reads": {
    run: (db) => db.transaction(() => db.prepare("SELECT * FROM kv").all())(),
    mode: "deferred",
    outcome: "commit",
    statements: 1,
  },
  "a transaction whose iteration is given up": {
    run: (db) =>
      db.transaction(() => {
        for (const _ of db.prepare("SELECT * FROM kv").iterate()) break;
      })(),
    mode: "deferred",
    outcome: "commit",
    statements: 1,
  },
  "a function that throws": {
    run: (db) =>
      refused(
        db.transaction(() => {
          insert(db, 10);
          throw new Error("no");
        }),
      ),
    mode: "deferred",
    outcome: "rollback",
    statements: 1,
  },
  "a statement that fails": {
    run: (db) => refused(db.transaction(() => [insert(db, 10), insert(db, 1)])),
    mode: "deferred",
    outcome: "error",
    statements: 2,
    failure: "SQLITE_CONSTRAINT_PRIMARYKEY",
  },
  "a failure the application deals with": {
    run: (db) =>
      db.transaction(() => {
        refused(() => insert(db, 1));
        insert(db, 10);
      })(),
    mode: "deferred",
    outcome: "commit",
    statements: 2,
  },
  "a nested transaction": {
    run: (db) => db.transaction(() => [insert(db, 10), db.transaction(() => insert(db, 11))()])(),
    mode: "deferred",
    outcome: "commit",
    statements: 2,
    savepoints: 1,
  },
  "a nested transaction that throws": {
    run: (db) =>
      db.transaction(() => {
        insert(db, 10);
        refused(
          db.transaction(() => {
            insert(db, 11);
            throw new Error("only the inner one");
          }),
        );
      })(),
    mode: "deferred",
    outcome: "commit",
    statements: 2,
    savepoints: 1,
  },
  "BEGIN and COMMIT by hand": {
    run: (db) => {
      db.exec("BEGIN IMMEDIATE");
      insert(db, 10);
      db.prepare("COMMIT").run();
    },
    mode: "immediate",
    outcome: "commit",
    statements: 1,
  },
  "BEGIN behind a comment, END": {
    run: (db) => {
      db.exec("-- hi\nBEGIN");
      insert(db, 10);
      db.exec("/* bye */ END TRANSACTION;");
    },
    mode: "deferred",
    outcome: "commit",
    statements: 1,
  },
  "ROLLBACK by hand": {
    run: (db) => {
      db.exec("BEGIN");
      insert(db, 10);
      db.exec("ROLLBACK");
    },
    mode: "deferred",
    outcome: "rollback",
    statements: 1,
  },
  "a whole transaction in one exec": {
    run: (db) => db.exec("BEGIN; INSERT INTO kv VALUES (10, 'x'); INSERT INTO kv VALUES (11, 'y'); COMMIT"),
    mode: "deferred",
    outcome: "commit",
    statements: 2,
  },
  "an exec that begins, another that ends": {
    run: (db) => {
      db.exec("BEGIN EXCLUSIVE; INSERT INTO kv VALUES (10, 'x')");
      db.exec("INSERT INTO kv VALUES (11, 'y'); COMMIT; INSERT INTO kv VALUES (12, 'z')");
    },
    mode: "exclusive",
    outcome: "commit",
    statements: 2,
    autocommits: 1,
  },
  "a savepoint as transaction": {
    run: (db) => {
      db.exec("SAVEPOINT s");
      insert(db, 10);
      db.exec("RELEASE s");
    },
    mode: "deferred",
    outcome: "commit",
    statements: 1,
  },
  "INSERT OR ROLLBACK that conflicts": {
    run: (db) => {
      db.exec("BEGIN");
      insert(db, 10);
      refused(() => db.prepare("INSERT OR ROLLBACK INTO kv VALUES (1, 'x')").run());
      expect(db.inTransaction).to.equal(false);
    },
    mode: "deferred",
    outcome: "error",
    statements: 2,
    failure: "SQLITE_CONSTRAINT_PRIMARYKEY",
  },
  "a stale snapshot": {
    run: (db, other) => {
      refused(
        db.transaction(() => {
          db.prepare("SELECT * FROM kv").all();
          insert(other, 20);
          insert(db, 10);
        }),
      );
    },
    mode: "deferred",
    outcome: "conflict",
    statements: 2,
    failure: "SQLITE_BUSY_SNAPSHOT",
    autocommits: 1,
  },
  "a lock that is held": {
    run: (db, other) => {
      other.exec("BEGIN IMMEDIATE");
      refused(db.transaction(() => insert(db, 10)).immediate);
      other.exec("ROLLBACK");
    },
    mode: "immediate",
    outcome: "conflict",
    statements: 0,
    failure: "SQLITE_BUSY",
  },
  "a database closed on it": {
    run: (db) => {
      db.exec("BEGIN");
      insert(db, 10);
      db.close();
    },
    mode: "deferred",
    outcome: "rollback",
    statements: 1,
  },
};

describe("transactions of better-sqlite3", () => {
  let databases = 0;

  function fresh(): { db: Db; other: Db; namespace: string } {
    const namespace = `case_${databases++}`;
    const folder = temporaryFolder();
    const [db, other] = [0, 1].map(() => new Database(join(folder, `${namespace}.db`), { timeout: 0 })) as [Db, Db];
    db.exec("PRAGMA journal_mode = WAL; CREATE TABLE kv (k INTEGER PRIMARY KEY, v TEXT)");
    insert(db, 1);
    return { db, other, namespace };
  }

  /** Transactions of the case, those of setting it up left out. */
  async function seen(namespace: string): Promise<Record<string, number>> {
    const all = await seriesWith({ "db.namespace": namespace });
    const transactions = all.filter(({ metric, value }) => metric === "storage.transaction.duration" && value > 0);
    const named = transactions.map(({ attributes, value }): [string, number] => {
      const parts = ["mode", "outcome"].map((key) => attributes[`storage.transaction.${key}`]);
      return [[...parts, attributes["error.type"]].filter((part) => part !== undefined).join(" "), value];
    });
    return Object.fromEntries(named);
  }

  for (const [title, { run, mode, outcome, statements, savepoints = 0, failure, autocommits = 0 }] of Object.entries(
    CASES,
  )) {
    it(`reports one transaction in ${title}`, async () => {
      const { db, other, namespace } = fresh();
      const before = await seen(namespace);
      const spans = spansOf(() => run(db, other));

      const key = [mode, outcome, failure].filter((part) => part !== undefined).join(" ");
      const expected = { ...before, [key]: (before[key] ?? 0) + 1 };
      if (autocommits > 0) expected["autocommit commit"] = (before["autocommit commit"] ?? 0) + autocommits;
      // The other connection's own transaction, where the case needs one to hold a lock.
      if (title === "a lock that is held") expected["immediate rollback"] = 1;
      expect(await seen(namespace)).to.deep.equal(expected);
      expect(await count("storage.transaction.active", { "db.namespace": namespace })).to.equal(0);

      const transactions = spans.filter(
        ({ name, attributes }) =>
          name === `transaction ${namespace}` && attributes["storage.transaction.outcome"] === outcome,
      );
      // A transaction that could not begin is the failed statement's span alone.
      expect(transactions).to.have.length(title === "a lock that is held" ? 0 : 1);
      for (const { attributes, status } of transactions) {
        expect(attributes["storage.transaction.mode"]).to.equal(mode);
        expect(attributes["storage.transaction.statements"]).to.equal(statements);
        expect(attributes["storage.transaction.savepoints"] ?? 0).to.equal(savepoints);
        expect(attributes["error.type"]).to.equal(failure);
        expect(status.code).to.equal(failure === undefined ? 0 : 2);
      }
      db.close();
      other.close();
    });
  }

  it("counts conflicts by reason, from zero", async () => {
    const { db, other, namespace } = fresh();
    const conflicts = async (): Promise<unknown> =>
      (await seriesWith({ "db.namespace": namespace }))
        .filter(({ metric }) => metric === "storage.transaction.conflicts")
        .map(({ attributes, value }) => [attributes["storage.conflict.reason"], value]);
    expect(await conflicts()).to.deep.equal([
      ["busy", 0],
      ["serialization", 0],
    ]);
    CASES["a stale snapshot"]!.run(db, other);
    CASES["a lock that is held"]!.run(db, other);
    CASES["a lock that is held"]!.run(db, other);
    expect(await conflicts()).to.deep.equal([
      ["busy", 2],
      ["serialization", 1],
    ]);
  });

  it("reports the age of the oldest open transaction", async () => {
    const { db, namespace } = fresh();
    const age = (): Promise<number> => count("storage.transaction.oldest_age", { "db.namespace": namespace });
    expect(await age()).to.equal(0);
    db.exec("BEGIN");
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(await age()).to.be.within(0.025, 5);
    expect(await count("storage.transaction.active", { "db.namespace": namespace })).to.equal(1);
    db.exec("COMMIT");
    expect(await age()).to.equal(0);
    db.close();
  });

  it("puts the operations of a transaction on its span and on the span around it", () => {
    const { db, namespace } = fresh();
    const spans = spansOf(() => {
      db.prepare("SELECT * FROM kv").all();
      CASES["a nested transaction"]!.run(db, db);
    });
    const [transaction, request] = [`transaction ${namespace}`, "request"].map((name) =>
      spans.find((span) => span.name === name)!,
    );
    expect(transaction!.parentSpanContext?.spanId).to.equal(request!.spanContext().spanId);
    const totals = {
      "storage.rollup.write.operations": 2,
      "storage.rollup.transaction.operations": 4,
      "storage.rollup.prepare.operations": 2,
    };
    expect(transaction!.attributes).to.include({ ...totals, "storage.rollup.operations": 6, "storage.rollup.rows": 2 });
    const around = { ...totals, "storage.rollup.prepare.operations": 3, "storage.rollup.read.operations": 1 };
    expect(request!.attributes).to.include({ ...around, "storage.rollup.operations": 7, "storage.rollup.rows": 3 });
    expect(request!.attributes["storage.rollup.time"]).to.be.greaterThan(
      transaction!.attributes["storage.rollup.time"] as number,
    );
    db.close();
  });
});
