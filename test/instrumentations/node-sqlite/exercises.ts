import type { DatabaseSync } from "node:sqlite";
import { describeMethods, outcomesOf, type MethodShapes, type Outcomes } from "../../conformance/outcome.ts";

type Sqlite = typeof import("node:sqlite");

function filled({ DatabaseSync: Database }: Sqlite): DatabaseSync {
  const db = new Database(":memory:");
  db.exec("CREATE TABLE kv (k INTEGER PRIMARY KEY, v TEXT UNIQUE); INSERT INTO kv VALUES (1, 'a'), (2, 'b'), (3, 'c')");
  return db;
}

/** Application code over every method that is observed. */
const EXERCISES: Readonly<Record<string, (sqlite: Sqlite) => unknown>> = {
  run: (sqlite) => filled(sqlite).prepare("INSERT INTO kv VALUES (?, ?)").run(4, "d"),
  "run, with big integers": (sqlite) => {
    const statement = filled(sqlite).prepare("UPDATE kv SET v = v || $x");
    statement.setReadBigInts(true);
    return statement.run({ $x: "x" });
  },
  get: (sqlite) => filled(sqlite).prepare("SELECT * FROM kv WHERE k = ?").get(2),
  "get of nothing": (sqlite) => filled(sqlite).prepare("SELECT * FROM kv WHERE k = ?").get(99),
  all: (sqlite) => filled(sqlite).prepare("SELECT * FROM kv").all(),
  iterate: (sqlite) => Array.from(filled(sqlite).prepare("SELECT * FROM kv").iterate()),
  "iterate, given up": (sqlite) => {
    const [row] = filled(sqlite).prepare("SELECT k FROM kv").iterate();
    return row;
  },
  "iterate by hand": (sqlite) => {
    const iterator = filled(sqlite).prepare("SELECT k FROM kv").iterate();
    return [iterator.next(), iterator.return?.(), iterator.next(), iterator[Symbol.iterator]() === iterator];
  },
  "close during an iteration": (sqlite) => {
    const db = filled(sqlite);
    for (const _ of db.prepare("SELECT * FROM kv").iterate()) db.close();
  },
  exec: (sqlite) => filled(sqlite).exec("DELETE FROM kv; VACUUM"),
  "exec of what is no SQL": (sqlite) => filled(sqlite).exec("INSERT INTO nowhere VALUES (1)"),
  "exec of no text": (sqlite) => filled(sqlite).exec(42 as never),
  "prepare of what is no SQL": (sqlite) => filled(sqlite).prepare("SELEKT 1"),
  "a violated constraint": (sqlite) => filled(sqlite).prepare("INSERT INTO kv VALUES (1, 'x')").run(),
  "a value that cannot be bound": (sqlite) =>
    filled(sqlite)
      .prepare("SELECT ?")
      .get({ a: 1 } as never, Symbol.iterator as never),
  "a function of the application that throws": (sqlite) => {
    const db = filled(sqlite);
    db.function("fail", () => {
      throw new RangeError("mine");
    });
    return db.prepare("SELECT fail()").get();
  },
  "a transaction": (sqlite) => {
    const db = filled(sqlite);
    db.exec("BEGIN");
    const { changes } = db.prepare("DELETE FROM kv").run();
    db.exec("ROLLBACK");
    return [changes, db.prepare("SELECT count(*) AS n FROM kv").get()];
  },
  "a method called on something else": ({ DatabaseSync: Database }) =>
    Database.prototype.prepare.call({} as DatabaseSync, "SELECT 1"),
  "a method called on nothing": ({ DatabaseSync: Database }) =>
    (Database.prototype.exec as (sql: string) => unknown)("SELECT 1"),
  "a subclass": (sqlite) => {
    class Dictionary extends sqlite.DatabaseSync {}
    const db = new Dictionary(":memory:");
    return [db.prepare("SELECT 7 AS n").get(), db instanceof sqlite.DatabaseSync, db.constructor.name];
  },
  "a database that is not open yet": ({ DatabaseSync: Database }) =>
    new Database(":memory:", { open: false }).prepare("SELECT 1"),
  "a closed database": (sqlite) => {
    const db = filled(sqlite);
    const statement = db.prepare("SELECT 1");
    db.close();
    return statement.get();
  },
  "a tag store": (sqlite) => {
    const db = filled(sqlite) as DatabaseSync & {
      createTagStore?: () => Record<string, (text: TemplateStringsArray, ...values: unknown[]) => unknown>;
    };
    const sql = db.createTagStore?.();
    if (sql === undefined) return "none in this version";
    const refused = outcomesOf({ "a violated constraint": () => sql["run"]!`INSERT INTO kv VALUES (${1}, ${"x"})` });
    return [
      sql["run"]!`INSERT INTO kv VALUES (${9}, ${"z"})`,
      sql["get"]!`SELECT v FROM kv WHERE k = ${9}`,
      sql["all"]!`SELECT k FROM kv`,
      refused,
    ];
  },
};

/** What the exercises come to, and what the methods look like, in the thread this runs in. */
export function perform(): { outcomes: Outcomes; shapes: MethodShapes[] } {
  const sqlite = process.getBuiltinModule("node:sqlite");
  const calls = Object.entries(EXERCISES).map(([title, exercise]) => [title, () => exercise(sqlite)] as const);
  const outcomes = outcomesOf(Object.fromEntries(calls));
  return { outcomes, shapes: [sqlite.DatabaseSync.prototype, sqlite.StatementSync.prototype].map(describeMethods) };
}
