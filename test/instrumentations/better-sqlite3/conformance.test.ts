import { join } from "node:path";
import type BetterSqlite3 from "better-sqlite3";
import { betterSqlite3 } from "../../../instrumentations/better-sqlite3/index.ts";
import { testEngine } from "../../conformance/engine.ts";
import { temporaryFolder } from "../../helpers/temp.ts";

type Module = typeof BetterSqlite3;
type Db = BetterSqlite3.Database;

const inMemory = (Database: Module): Db => {
  const db = new Database(":memory:");
  db.exec("CREATE TABLE kv (k INTEGER PRIMARY KEY, v TEXT UNIQUE); INSERT INTO kv VALUES (1, 'a'), (2, 'b'), (3, 'c')");
  return db;
};

testEngine<Module>(betterSqlite3, {
  observedObjects(Database) {
    const statement = new Database(":memory:").prepare("SELECT 1");
    return [Database.prototype, statement, statement.iterate()].map((object, i) =>
      i === 0 ? object : (Object.getPrototypeOf(object) as object),
    );
  },
  throwing(Database, error) {
    new Database(":memory:").transaction(() => {
      throw error;
    })();
  },
  perform(Database, name, operations) {
    const db = new Database(join(temporaryFolder(), `${name}.db`));
    const statement = db.prepare("SELECT 1");
    for (let i = 0; i < operations; i++) statement.get();
    db.close();
  },
  exercises: {
    run: (Database) => inMemory(Database).prepare("INSERT INTO kv VALUES (?, ?)").run(4, "d"),
    "run with named parameters": (Database) =>
      inMemory(Database).prepare("UPDATE kv SET v = $v WHERE k = $k").run({ v: "x", k: 1 }),
    get: (Database) => inMemory(Database).prepare("SELECT * FROM kv WHERE k = ?").get(2),
    "get of nothing": (Database) => inMemory(Database).prepare("SELECT * FROM kv WHERE k = ?").get(99),
    "get, plucked": (Database) => inMemory(Database).prepare("SELECT v FROM kv").pluck().get(),
    all: (Database) => inMemory(Database).prepare("SELECT * FROM kv").all(),
    "all, raw": (Database) => inMemory(Database).prepare("SELECT * FROM kv").raw().all(),
    iterate: (Database) => [...inMemory(Database).prepare("SELECT * FROM kv").iterate()],
    "iterate, given up": (Database) => {
      const db = inMemory(Database);
      const [row] = db.prepare("SELECT * FROM kv").iterate();
      return [row, db.prepare("DELETE FROM kv").run()];
    },
    "iterate by hand": (Database) => {
      const iterator = inMemory(Database).prepare("SELECT k FROM kv").iterate();
      return [iterator.next(), iterator.return?.(), iterator.next(), iterator[Symbol.iterator]() === iterator];
    },
    "write during an iteration": (Database) => {
      const db = inMemory(Database);
      for (const _ of db.prepare("SELECT * FROM kv").iterate()) db.prepare("DELETE FROM kv").run();
    },
    "close during an iteration": (Database) => {
      const db = inMemory(Database);
      for (const _ of db.prepare("SELECT * FROM kv").iterate()) db.close();
    },
    exec: (Database) => typeof inMemory(Database).exec("DELETE FROM kv; VACUUM").prepare,
    "exec of what is no SQL": (Database) => inMemory(Database).exec("INSERT INTO nowhere VALUES (1)"),
    "exec of no text": (Database) => inMemory(Database).exec(42 as never),
    "prepare of what is no SQL": (Database) => inMemory(Database).prepare("SELEKT 1"),
    "prepare of no text": (Database) => inMemory(Database).prepare(undefined as never),
    "a violated constraint": (Database) => inMemory(Database).prepare("INSERT INTO kv VALUES (1, 'x')").run(),
    "too few parameters": (Database) => inMemory(Database).prepare("SELECT ?, ?").get(1),
    "run of a query": (Database) => inMemory(Database).prepare("SELECT 1").run(),
    "all of a write": (Database) => inMemory(Database).prepare("DELETE FROM kv").all(),
    pragma: (Database) => inMemory(Database).pragma("user_version = 5"),
    "pragma, simple": (Database) => inMemory(Database).pragma("cache_size", { simple: true }),
    transaction: (Database) => {
      const db = inMemory(Database);
      const insert = db.transaction((...rows: string[]) =>
        rows.map((v) => db.prepare("INSERT INTO kv (v) VALUES (?)").run(v).changes),
      );
      return [
        insert("x", "y"),
        insert.deferred("z"),
        insert.immediate("u"),
        insert.exclusive("w"),
        db.inTransaction,
        typeof insert,
      ];
    },
    "nested transactions": (Database) => {
      const db = inMemory(Database);
      const inner = db.transaction(() => db.prepare("DELETE FROM kv").run().changes);
      return db.transaction(() => [inner(), db.inTransaction])();
    },
    "a method called on something else": (Database) => Database.prototype.prepare.call({} as Db, "SELECT 1"),
    "a method called on nothing": (Database) => (Database.prototype.exec as (sql: string) => unknown)("SELECT 1"),
    "a subclass": (Database) => {
      class Dictionary extends Database {
        count(): unknown {
          return this.prepare("SELECT 7 AS n").get();
        }
      }
      const db = new Dictionary(":memory:");
      return [db.count(), db instanceof Database, db.constructor.name];
    },
    "a closed database": (Database) => {
      const db = inMemory(Database);
      const statement = db.prepare("SELECT 1");
      db.close();
      db.close();
      return statement.get();
    },
    "statements by the thousand": (Database) => {
      const db = inMemory(Database);
      return Array.from({ length: 1_500 }, (_, i) => db.prepare(`SELECT ${i} AS n`).get()).length;
    },
  },
});
