// What both bindings of SQLite are asked to do.
"use strict";
const { THROWERS } = require("./lib.cjs");

const SCHEMA = `
CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b REAL UNIQUE, c BLOB);
CREATE TABLE u(x CHECK(x > 0));
INSERT INTO t VALUES (1,'one',1.5,x'01'), (2,'two',2.5,NULL), (3,'three',NULL,x'ff');`;

/** Not every SQLite has full-text search. */
const FULL_TEXT = `
CREATE VIRTUAL TABLE ft USING fts5(body);
INSERT INTO ft VALUES ('hello world'), ('foo bar');`;

const STATEMENTS = [
  "SELECT * FROM t",
  "SELECT a FROM t WHERE id = ?",
  "SELECT count(*) AS n, max(b) FROM t",
  "INSERT INTO t(a, b) VALUES (?, ?)",
  "INSERT OR IGNORE INTO t(a, b) VALUES ('x', 1.5)",
  "INSERT OR ROLLBACK INTO t(id) VALUES (1)",
  "INSERT INTO t(a) SELECT a FROM t LIMIT 2",
  "REPLACE INTO t(id, a) VALUES (1, 'r')",
  "UPDATE t SET a = @a WHERE id = @id",
  "DELETE FROM t WHERE id > :id",
  "SELECT 1; SELECT 2",
  "",
  "-- nothing",
  "\ufeffBEGIN",
  "SELEC",
  "SELECT * FROM nope",
  "BEGIN",
  "BEGIN IMMEDIATE",
  "COMMIT",
  "ROLLBACK",
  "SAVEPOINT s",
  "RELEASE s",
  "ROLLBACK TO s",
  "SELECT f1(1)",
  "SELECT f1(a) FROM t",
  "SELECT agg(b) FROM t",
  "INSERT INTO u VALUES (?)",
  "INSERT INTO u VALUES (-1)",
  "SELECT * FROM ft WHERE ft MATCH ?",
  "SELECT * FROM ft WHERE ft MATCH 'hello'",
  "INSERT INTO ft VALUES (?) RETURNING rowid",
  "INSERT INTO ft(ft) VALUES ('optimize')",
  "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 50) SELECT x FROM c",
  "PRAGMA user_version",
  "PRAGMA user_version = 5",
  "PRAGMA journal_mode = WAL",
  "VACUUM",
  "ANALYZE",
  "REINDEX",
  "CREATE TABLE IF NOT EXISTS z(q)",
  "DROP TABLE IF EXISTS z",
  "CREATE TRIGGER IF NOT EXISTS tg AFTER INSERT ON u BEGIN SELECT 1; END",
  "EXPLAIN SELECT * FROM t",
  "SELECT CAST(9007199254740993 AS INTEGER) AS big",
  "SELECT zeroblob(3)",
  "SELECT t.id, t.* FROM t",
  "ATTACH ':memory:' AS aux1",
  "DETACH aux1",
  'SELECT "dq"',
  "SELECT 1 WHERE 0",
  "SELECT $x, $y",
];

const NOT_SQL = [5, null, undefined, Symbol("q"), { toString: () => "SELECT 1" }, Buffer.from("SELECT 1")];

/** A statement, or now and then what is none. */
const anySql = (chance) => (chance.is(0.96) ? chance.one(STATEMENTS) : chance.one(NOT_SQL));

const VALUES = [
  ...[1, 2, 3, -1, 1.5, "one", "x'y", null, undefined, 10n, 2n ** 70n, Buffer.from("ab"), new Uint8Array(2), true],
  ...[{}, [], [1, 2], { a: "q", id: 2 }, { $a: 1, "@id": 2 }, { ":id": 100 }, { 1: 5 }, NaN, -0, Infinity],
  ...[new Date(0), Symbol.iterator, () => 1],
];

const anyArguments = (chance) => (chance.is(0.5) ? [] : chance.several(3, () => chance.one(VALUES)));

/** A function of the application's that SQLite calls; some use the database meanwhile. */
const anyFunction = (chance, db) =>
  chance.one([
    (x) => x,
    (x) => (typeof x === "number" ? x * 2 : null),
    ...THROWERS,
    () => db.prepare("SELECT 5 AS v").get().v,
    () => void db.exec("INSERT INTO t(a) VALUES ('from a function')"),
    () => {
      for (const row of db.prepare("SELECT id FROM t").iterate()) return row.id;
    },
    () => 2n ** 80n,
    () => [],
    () => Promise.resolve(1),
  ]);

/** Reads a few rows of a statement, doing other things meanwhile. */
function readSome(chance, statement, { db, shown, everyStatement }) {
  const rows = [];
  for (const row of statement.iterate(...anyArguments(chance))) {
    rows.push(shown(row));
    if (chance.is(0.2)) rows.push(shown(db.prepare("SELECT 1 AS one").get()));
    if (chance.is(0.1)) db.exec("INSERT INTO t(a) VALUES ('while reading')");
    if (chance.is(0.1)) rows.push(shown(chance.one(everyStatement)?.all()));
    if (chance.is(0.05)) statement.get();
    if (chance.is(0.03)) db.close();
    if (chance.is(0.1)) throw new Error("while reading");
    if (rows.length > 4) break;
  }
  return rows;
}

module.exports = { SCHEMA, FULL_TEXT, anySql, anyArguments, anyFunction, readSome };
