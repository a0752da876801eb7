import { once } from "node:events";
import { join } from "node:path";
import { before, describe } from "mocha";
import { nodeSqlite3 } from "../../../instrumentations/node-sqlite3/index.ts";
import { testEngine } from "../../conformance/engine.ts";
import { needs } from "../../helpers/drivers.ts";
import { temporaryFolder } from "../../helpers/temp.ts";
import { closed, opened, resultOf, settled, type Db, type Sqlite3, type Statement } from "./sqlite3.ts";

async function filled(sqlite: Sqlite3): Promise<Db> {
  const db = (await opened(sqlite)).serialize();
  await settled((done) =>
    db.exec(
      "CREATE TABLE kv (k INTEGER PRIMARY KEY, v TEXT UNIQUE); INSERT INTO kv VALUES (1, 'a'), (2, 'b'), (3, 'c')",
      done,
    ),
  );
  return db;
}

const prepared = (db: Db, sql: string): Promise<Statement> =>
  settled((done) => db.prepare(sql, done)).then(([statement]) => statement);

/** The properties that a callback of `run` finds. */
const shown = ({ lastID, changes }: Statement): object => ({ lastID, changes });

const INSERT = "INSERT INTO kv (v) VALUES (?)";

const EXERCISES: Readonly<Record<string, (sqlite: Sqlite3) => unknown>> = {
  run: async (sqlite) => {
    const db = await filled(sqlite);
    const [statement, result] = await settled((done) => db.run(INSERT, "d", done));
    return [shown(statement), result, Object.keys(statement)];
  },
  "run with named parameters": async (sqlite) => {
    const db = await filled(sqlite);
    return shown((await settled((done) => db.run("UPDATE kv SET v = $v WHERE k = $k", { $v: "x", $k: 1 }, done)))[0]);
  },
  "run without a callback": async (sqlite) => {
    const db = await filled(sqlite);
    const returned = db.run(INSERT, ["d"]) === db;
    return [returned, await resultOf((done) => db.all("SELECT * FROM kv", done))];
  },
  "statements that run with and without callbacks": async (sqlite) => {
    const db = await filled(sqlite);
    const statement = await prepared(db, INSERT);
    const seen: object[] = [shown(statement)];
    statement.run("x");
    await settled((done) => statement.reset(done));
    seen.push(shown(statement), Object.keys(statement));
    seen.push(shown((await settled((done) => statement.run("y", done)))[0]));
    statement.run("z");
    await settled((done) => statement.reset(done));
    seen.push(shown(statement), Object.keys(statement));
    return seen;
  },
  get: async (sqlite) => {
    const db = await filled(sqlite);
    return resultOf((done) => db.get("SELECT * FROM kv WHERE k = ?", 2, done));
  },
  "get of nothing": async (sqlite) => {
    const db = await filled(sqlite);
    return resultOf((done) => db.get("SELECT * FROM kv WHERE k = ?", [99], done));
  },
  "get, row by row": async (sqlite) => {
    const statement = await prepared(await filled(sqlite), "SELECT k FROM kv");
    return [1, 2, 3, 4].reduce<Promise<unknown[]>>(
      async (rows) => [...(await rows), await resultOf((done) => statement.get(done))],
      Promise.resolve([]),
    );
  },
  all: async (sqlite) => {
    const db = await filled(sqlite);
    return resultOf((done) => db.all("SELECT * FROM kv", done));
  },
  map: async (sqlite) => {
    const db = await filled(sqlite);
    return resultOf((done) => db.map("SELECT k, v FROM kv", done));
  },
  each: async (sqlite) => {
    const db = await filled(sqlite);
    const rows: unknown[] = [];
    const count = await resultOf((done) =>
      db.each("SELECT * FROM kv WHERE k > ?", 1, (...row: unknown[]) => rows.push(row), done),
    );
    return [rows, count];
  },
  "each without an end": async (sqlite) => {
    const db = await filled(sqlite);
    const rows: unknown[] = [];
    db.each("SELECT * FROM kv", (...row: unknown[]) => rows.push(row));
    db.each("SELECT * FROM kv");
    await settled((done) => db.wait(done));
    await new Promise(setImmediate);
    return rows;
  },
  "each that fails": async (sqlite) => {
    const db = await filled(sqlite);
    const calls: unknown[] = [];
    const statement = await prepared(db, "INSERT INTO kv VALUES (1, 'x')");
    await settled((done) => statement.each((error: Error) => calls.push(error.message), done));
    await settled((done) => db.wait(done));
    return calls;
  },
  "what methods return": async (sqlite) => {
    const db = await filled(sqlite);
    const statement = db.prepare(INSERT);
    const chained = statement.run("x").run("y").reset();
    const returned = [
      chained === statement,
      statement.finalize() === db,
      db.exec("DELETE FROM kv") === db,
      db.get("SELECT 1") === db,
      db.all("SELECT 1").each("SELECT 1") === db,
      db.serialize() === db,
      db.parallelize() === db,
    ];
    // They run at once: what is in the table meanwhile is left to chance.
    return [returned, await resultOf((done) => db.all("SELECT 1", done))];
  },
  "a violated constraint": async (sqlite) => {
    const db = await filled(sqlite);
    return resultOf((done) => db.run("INSERT INTO kv VALUES (1, 'x')", done));
  },
  "what is no SQL": async (sqlite) => {
    const db = await filled(sqlite);
    return settled((done) => db.run("SELEKT", done));
  },
  "prepare of what is no SQL": async (sqlite) => prepared(await filled(sqlite), "SELEKT"),
  "exec of no text": async (sqlite) => (await filled(sqlite)).exec(42 as never),
  "exec of what is no SQL": async (sqlite) => {
    const db = await filled(sqlite);
    return settled((done) => db.exec("INSERT INTO nowhere VALUES (1)", done));
  },
  "a callback that is none": async (sqlite) => (await filled(sqlite)).exec("SELECT 1", "done" as never),
  "an error without a callback": async (sqlite) => {
    const db = await filled(sqlite);
    const statement = await prepared(db, "INSERT INTO kv VALUES (1, 'x')");
    statement.run();
    const [error] = (await once(statement as never, "error")) as [Error];
    return [error.message, Object.keys(error)];
  },
  "an error of a preparation without a callback": async (sqlite) => {
    const statement = (await filled(sqlite)).prepare("SELEKT");
    return String(((await once(statement as never, "error")) as [Error])[0]);
  },
  "an error of exec without a callback": async (sqlite) => {
    const db = await filled(sqlite);
    db.exec("SELEKT");
    return String(((await once(db as never, "error")) as [Error])[0]);
  },
  events: async (sqlite) => {
    const db = await filled(sqlite);
    const events: unknown[] = [];
    db.on("trace", (sql: string) => events.push(["trace", sql]));
    db.on("profile", (sql: string) => events.push(["profile", sql]));
    db.on("change", (...change: never[]) => events.push(change));
    db.run(INSERT, "d");
    await settled((done) => db.all("SELECT * FROM kv WHERE v MATCH 'x' OR k = 1", done)).catch((error: unknown) =>
      events.push(String(error)),
    );
    await closed(db);
    await new Promise((resolve) => setTimeout(resolve, 50));
    return events.map(String).sort();
  },
  "the events of opening and closing": async (sqlite) => {
    const events: string[] = [];
    const db = new sqlite.Database(":memory:");
    for (const name of ["open", "close", "error"]) db.on(name, () => events.push(name));
    await once(db as never, "open");
    db.close();
    await once(db as never, "close");
    return [events, db.open];
  },
  "a closed database": async (sqlite) => {
    const db = await filled(sqlite);
    await closed(db);
    const outcomes = [
      (done: never) => db.run("SELECT 1", done),
      (done: never) => db.exec("SELECT 1", done),
      (done: never) => db.close(done),
      (done: never) => db.prepare("SELECT 1", done),
    ].map((call) => settled((done) => call(done as never)).catch(String));
    return Promise.all(outcomes);
  },
  "a close that is refused": async (sqlite) => {
    const db = await filled(sqlite);
    const statement = await prepared(db, "SELECT * FROM kv");
    await settled((done) => statement.get(done));
    const refused = await closed(db).catch(String);
    await settled((done) => statement.finalize(done as never)).catch(() => {});
    return [refused, await closed(db).then(() => db.open)];
  },
  "a database that does not open": (sqlite) => opened(sqlite, "/nowhere/at/all.db"),
  "one that is cached": async (sqlite) => {
    const file = join(temporaryFolder(), "cached.db");
    const [first, second] = [sqlite.cached.Database(file), sqlite.cached.Database(file)];
    await settled((done) => first.run("CREATE TABLE t (a)", done));
    return first === second;
  },
  "statements at once": async (sqlite) => {
    const db = await filled(sqlite);
    const all: Promise<unknown>[] = [];
    db.parallelize(() => {
      for (let k = 1; k <= 40; k++)
        all.push(resultOf((done) => db.get("SELECT v, ? AS n FROM kv WHERE k = ?", k, k, done)));
    });
    return Promise.all(all);
  },
  "statements in turn": async (sqlite) => {
    const db = await opened(sqlite);
    const order: number[] = [];
    db.serialize(() => {
      db.run("CREATE TABLE t (a)");
      for (let i = 0; i < 40; i++) db.run("INSERT INTO t VALUES (?)", i, () => order.push(i));
    });
    return [await resultOf((done) => db.all("SELECT * FROM t", done)), order];
  },
  backup: async (sqlite) => {
    const db = await filled(sqlite);
    const backup = db.backup(join(temporaryFolder(), "copy.db"));
    const first = await resultOf((done) => backup.step(1, done));
    const last = await resultOf((done) => backup.step(-1, done));
    const state = [backup.completed, backup.failed, backup.remaining, backup.pageCount];
    await new Promise<void>((resolve) => backup.finish(() => resolve()));
    return [first, last, state, await settled((done) => backup.step(1, done)).catch(String)];
  },
  "a backup that fails": async (sqlite) => {
    const db = await filled(sqlite);
    return resultOf((done) => db.backup("/nowhere/at/all.db", done));
  },
  "a subclass": async (sqlite) => {
    class Dictionary extends sqlite.Database {}
    const db = await opened({ ...sqlite, Database: Dictionary as never });
    const statement = await prepared(db, "SELECT 7 AS n");
    return [
      db instanceof sqlite.Database,
      statement instanceof sqlite.Statement,
      statement.constructor === sqlite.Statement,
      sqlite.Statement.name,
      await resultOf((done) => statement.get(done)),
    ];
  },
  "a statement of its own": async (sqlite) => {
    const db = await filled(sqlite);
    const [statement] = await settled((done) => new sqlite.Statement(db, "SELECT v FROM kv WHERE k = ?", done));
    return [await resultOf((done) => statement.get(1, done)), statement.sql];
  },
  "a method called on something else": ({ Database }) => Database.prototype.exec.call({} as Db, "SELECT 1"),
  verbose: async (sqlite) => {
    const db = await filled(sqlite.verbose());
    const error = (await settled((done) => db.run("INSERT INTO kv VALUES (1, 'x')", [], done)).catch(
      (e: unknown) => e,
    )) as Error;
    return error
      .stack!.replaceAll(/\(.*\/(node_modules|elsewhere)\/sqlite3/g, "(sqlite3")
      .replace(/engine\.ts:[\d:]+/, "");
  },
};

describe("sqlite3", () => {
  before(async function () {
    await needs("sqlite3", this);
  });

  testEngine<Sqlite3>(nodeSqlite3, {
    observedObjects: ({ Database, Statement, Backup }) =>
      [Database, Statement, Backup].map(({ prototype }) => prototype),
    // It calls nothing of the application at once: an error thrown by a callback is an uncaught one, or ends the process.
    throwing(_, error) {
      throw error;
    },
    async perform(sqlite, name, operations) {
      const db = await opened(sqlite, join(temporaryFolder(), `${name}.db`));
      const statement = db.prepare("SELECT 1");
      for (let i = 0; i < operations; i++) statement.get();
      await settled((done) => statement.reset(done));
      await new Promise<void>((resolve) => statement.finalize(() => resolve()));
      await closed(db);
    },
    exercises: EXERCISES,
  });
});
