import { expect } from "chai";
import { describe, it } from "mocha";
import { seeded } from "../../helpers/random.ts";
import { parseScript, parseStatement } from "../../../instrumentations/sqlite/sql.ts";
import { Boundary, OperationKind } from "../../../src/recording/operation-kind.ts";

const textOf = (sql: string): string => parseScript(sql).text!();

/** SQL, its summary, and its collection where it names one table. */
type Row = readonly [sql: string, summary: string, collection?: string];

const READS: readonly Row[] = [
  ["SELECT 1", "SELECT"],
  ["select * from Words where id = ?", "SELECT Words", "Words"],
  ["-- find it\n/* by id */ SELECT * FROM words", "SELECT words", "words"],
  ["SELECT w.a FROM words AS w LEFT JOIN senses s ON s.w = w.id", "SELECT words senses"],
  ["SELECT * FROM a AS x, b y, c WHERE x.i = y.i", "SELECT a b c"],
  ["SELECT * FROM t AS a JOIN t AS b ON a.i = b.j", "SELECT t t", "t"],
  ["SELECT * FROM words WHERE id IN (SELECT id FROM hits)", "SELECT words SELECT hits"],
  ["SELECT * FROM (SELECT * FROM a) AS s, b", "SELECT SELECT a b"],
  ["SELECT (SELECT i FROM a), j FROM b", "SELECT SELECT a b"],
  ["SELECT * FROM t WHERE i = 1 GROUP BY a, b ORDER BY c, d", "SELECT t", "t"],
  ["SELECT a FROM t UNION ALL SELECT b FROM u", "SELECT t SELECT u"],
  ["SELECT * FROM main.words", "SELECT words", "words"],
  ["SELECT * FROM other.words", "SELECT other.words", "other.words"],
  ["SELECT * FROM _knex_temp_alter481", "SELECT _knex_temp_alter*", "_knex_temp_alter*"],
  ["SELECT * FROM t_3f2b8c1e9d, day_20261127, year_2026", "SELECT t_* day_* year_2026"],
  ['SELECT * FROM "my words"', "SELECT my words", "my words"],
  ["SELECT * FROM [my words] JOIN `x y`", "SELECT my words x y"],
  ["SELECT * FROM слова", "SELECT слова", "слова"],
  ["SELECT a FROM t WHERE b IS NOT DISTINCT FROM c", "SELECT t", "t"],
  ["SELECT replace(a, 'b', 'c') FROM t", "SELECT t", "t"],
  ["SELECT count(*) FROM t WHERE note = 'FROM x JOIN y'", "SELECT t", "t"],
  [
    "WITH a AS (SELECT * FROM t), b(i) AS NOT MATERIALIZED (SELECT 1) SELECT * FROM a, b",
    "SELECT t SELECT SELECT",
    "t",
  ],
  ["WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n) SELECT i FROM n", "SELECT SELECT"],
  ["VALUES (1), (2)", "VALUES"],
  ["EXPLAIN QUERY PLAN SELECT * FROM words", "EXPLAIN SELECT words", "words"],
  ["EXPLAIN WITH a AS (SELECT * FROM t) SELECT * FROM a", "EXPLAIN SELECT t SELECT", "t"],
];

const WRITES: readonly Row[] = [
  ["INSERT INTO words (a) VALUES (?)", "INSERT words", "words"],
  ["INSERT OR ROLLBACK INTO words VALUES (1)", "INSERT words", "words"],
  ["INSERT OR REPLACE INTO words VALUES (1)", "INSERT words", "words"],
  ["INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET b = excluded.b", "INSERT t", "t"],
  ['INSERT INTO "we""ird" VALUES (1)', 'INSERT we"ird', 'we"ird'],
  ["INSERT INTO archive SELECT * FROM words", "INSERT archive SELECT words"],
  ["REPLACE INTO words VALUES (1)", "REPLACE words", "words"],
  ["UPDATE OR ROLLBACK words SET a = replace(a, 'x', 'y')", "UPDATE words", "words"],
  ["UPDATE t SET a = u.a FROM u WHERE u.i = t.i", "UPDATE t u"],
  ["DELETE FROM words RETURNING id, a", "DELETE words", "words"],
  ["WITH a AS (SELECT * FROM t) INSERT INTO u SELECT * FROM a", "SELECT t INSERT u SELECT"],
  ["WITH a AS (SELECT 1) UPDATE t SET x = (SELECT * FROM a)", "SELECT UPDATE t SELECT", "t"],
  ["INSERT INTO t WITH a AS (SELECT 1) SELECT * FROM a", "INSERT t SELECT SELECT", "t"],
  ["CREATE TABLE IF NOT EXISTS words (id INTEGER)", "CREATE TABLE"],
  ["CREATE TABLE IF NOT EXISTS", "CREATE TABLE"],
  ["CREATE VIRTUAL TABLE IF NOT EXISTS words_fts USING fts5(a)", "CREATE TABLE"],
  ["CREATE UNIQUE INDEX i ON words (a)", "CREATE INDEX"],
  ["CREATE TRIGGER tr AFTER UPDATE ON t BEGIN DELETE FROM u; SELECT 1; END", "CREATE TRIGGER"],
  ["DROP VIEW IF EXISTS v", "DROP VIEW"],
  ["ALTER TABLE words RENAME TO terms", "ALTER TABLE"],
  ["REINDEX words", "REINDEX"],
  ["ANALYZE", "ANALYZE"],
];

const OTHERS: readonly Row[] = [
  ["PRAGMA journal_mode = WAL", "PRAGMA journal_mode"],
  ["PRAGMA main.cache_size(100)", "PRAGMA cache_size"],
  ["PRAGMA secret_of_the_application", "PRAGMA"],
  ["ATTACH 'a.db' AS a", "ATTACH"],
  ["VACUUM INTO 'a.db'", "VACUUM"],
  ["nonsense from words", "OTHER"],
  ["constructor", "OTHER"],
];

const CONTROLS = [
  ["BEGIN", "begin", "deferred", "BEGIN"],
  ["begin deferred transaction", "begin", "deferred", "BEGIN DEFERRED"],
  ["BEGIN IMMEDIATE TRANSACTION", "begin", "immediate", "BEGIN IMMEDIATE"],
  ["BEGIN EXCLUSIVE", "begin", "exclusive", "BEGIN EXCLUSIVE"],
  ["COMMIT TRANSACTION", "commit", undefined, "COMMIT"],
  ["END", "commit", undefined, "END"],
  ["ROLLBACK TRANSACTION", "rollback", undefined, "ROLLBACK"],
  ["SAVEPOINT a", "savepoint", undefined, "SAVEPOINT"],
  ["RELEASE SAVEPOINT a", "release", undefined, "RELEASE"],
  ["ROLLBACK TRANSACTION TO SAVEPOINT a", "rollback to", undefined, "ROLLBACK TO"],
] as const;

describe("the outline of one statement", () => {
  const kinds = [
    [READS, "READ", "NONE"],
    [WRITES, "WRITE", "WRITE"],
    [OTHERS, "OTHER", "NONE"],
  ] as const;
  for (const [rows, kind, boundary] of kinds) {
    for (const [sql, summary, collection] of rows) {
      it(`of ${sql} is ${kind} "${summary}"`, () => {
        const script = parseScript(sql);
        expect({ summary: script.summary, collection: script.collection }).to.deep.equal({ summary, collection });
        expect(script.kind).to.equal(OperationKind[kind]);
        expect(script.boundary).to.equal(Boundary[boundary]);
        expect(script.statements).to.equal(1);
        expect(script.batchSize).to.equal(undefined);
      });
    }
  }

  for (const [sql, action, mode, summary] of CONTROLS) {
    it(`of ${sql} is a boundary`, () => {
      const { kind, boundary, statements, parts, ...script } = parseScript(sql);
      expect({ kind, boundary, statements }).to.deep.equal({ kind: 2, boundary: Boundary.CONTROL, statements: 0 });
      expect(script.summary).to.equal(summary);
      expect(parts[0]!.control!.action).to.equal(action);
      if (mode !== undefined) expect(parts[0]!.control!.mode).to.equal(mode);
    });
  }

  it("is named after the operation, not after what precedes it", () => {
    const names = ["-- x\ninsert into t values (1)", "WITH a AS (SELECT 1) DELETE FROM t", "EXPLAIN SELECT 1", "hello"];
    expect(names.map((sql) => parseScript(sql).name)).to.deep.equal(["INSERT", "DELETE", "EXPLAIN", "OTHER"]);
  });

  it("is at most 255 characters long and ends with a whole name", () => {
    const { summary } = parseScript(`SELECT * FROM ${Array.from({ length: 100 }, (_, i) => `table_${i}`).join(", ")}`);
    expect(summary.length).to.be.within(240, 255);
    expect(summary).to.match(/ table_\d\d \.\.\.$/);
    const long = "t".repeat(255 - "SELECT ".length);
    expect(parseScript(`SELECT * FROM ${long}`).summary).to.equal(`SELECT ${long}`);
    expect(parseScript(`SELECT * FROM ${long}t`).summary).to.equal("SELECT ...");
  });
});

describe("the outline of a script", () => {
  const scripts: readonly [string, string, number, keyof typeof OperationKind, keyof typeof Boundary, number][] = [
    ["SELECT 1; SELECT 2;", "BATCH SELECT", 2, "READ", "NONE", 2],
    ["INSERT INTO t VALUES (';'); INSERT INTO u VALUES (1)", "BATCH INSERT", 2, "WRITE", "WRITE", 2],
    ["PRAGMA a = 1; SELECT 1; -- ;\n", "BATCH", 2, "READ", "NONE", 2],
    ["BEGIN; INSERT INTO t VALUES (1); COMMIT", "BATCH", 3, "WRITE", "CONTROL", 0],
    [
      "CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; DELETE FROM u; END; SELECT 1",
      "BATCH",
      2,
      "WRITE",
      "WRITE",
      2,
    ],
    [
      "CREATE TEMP TRIGGER a AFTER INSERT ON t BEGIN SELECT 1; END; CREATE TABLE b (c)",
      "BATCH CREATE",
      2,
      "WRITE",
      "WRITE",
      2,
    ],
  ];
  for (const [sql, name, batchSize, kind, boundary, statements] of scripts) {
    it(`of ${sql} is "${name}" of ${batchSize}`, () => {
      const script = parseScript(sql);
      expect([script.name, script.summary, script.collection]).to.deep.equal([name, name, undefined]);
      expect(script.batchSize).to.equal(batchSize);
      expect(script.parts).to.have.length(batchSize);
      expect([script.kind, script.boundary]).to.deep.equal([OperationKind[kind], Boundary[boundary]]);
      expect(script.statements).to.equal(statements);
    });
  }

  it("is that of the statement if there is only one before the last semicolon", () => {
    expect(parseScript(" ; SELECT * FROM t ; ; ")).to.include({ name: "SELECT", summary: "SELECT t", collection: "t" });
  });
});

describe("the text of a statement", () => {
  const texts = [
    ["SELECT  a\nFROM t -- all\nWHERE b = 'it''s' AND c > -1.5e-3", "SELECT a FROM t WHERE b = ? AND c > -?"],
    ["SELECT x'00ff', 0xFF, .5, 1_000, 5., TRUE, false, NULL", "SELECT ?, ?, ?, ?, ?, ?, ?, NULL"],
    ["SELECT ?1, :a, @b, $c", "SELECT ?1, :a, @b, $c"],
    ["SELECT * FROM t WHERE a IN (1, 2,3) OR b IN (?, ?)", "SELECT * FROM t WHERE a IN (?, ...) OR b IN (?, ...)"],
    ["INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')", "INSERT INTO t VALUES (?, ...), ..."],
    ["SELECT a->>'$.b' FROM t2 WHERE c1 = 1", "SELECT a->>? FROM t2 WHERE c1 = ?"],
    ["BEGIN; UPDATE t SET a = 1; COMMIT", "BEGIN; UPDATE t SET a = ?; COMMIT"],
  ] as const;
  for (const [sql, text] of texts)
    it(`of ${JSON.stringify(sql)} is without values`, () => expect(textOf(sql)).to.equal(text));

  it("keeps names in double quotes if SQLite treats none of them as a string", () => {
    const sql = 'SELECT "a", "t"."b" FROM "t" WHERE "c" = ? AND d = \'1\'';
    const textWhere = (areLiterals: boolean): string => parseStatement(sql, () => areLiterals).text!();
    expect(textWhere(false)).to.equal('SELECT "a", "t"."b" FROM "t" WHERE "c" = ? AND d = ?');
    expect(textWhere(true)).to.equal('SELECT ?, "t"."b" FROM "t" WHERE ? = ? AND d = ?');
  });

  it("is at most 2,000 characters long", () => {
    expect(textOf(`SELECT ${"abcdefghi, ".repeat(1_000)} 1`).length).to.be.within(1_980, 2_000);
  });

  it("contains no part of a value that is longer than the parsed text", () => {
    const sql = `INSERT INTO t VALUES ('${"secret ".repeat(20_000)}')`;
    expect(textOf(sql)).to.equal("INSERT INTO t VALUES (?");
  });
});

/** Everything that leaves the process; a 7 marks what may not. */
function shownOf(sql: string): string {
  const { name, summary, collection, parts } = parseScript(sql);
  return [name, summary, collection, textOf(sql), ...parts.map((part) => part.summary)].join("\n");
}

describe("a value in SQL never leaves the process", () => {
  const places = [
    ["a string", "INSERT INTO t VALUES ('7', 'it''s 7')"],
    ["what SQLite takes for a string", 'SELECT "7" FROM t WHERE a = "k7" OR b IN ("7", "8")'],
    ["a number", "SELECT * FROM t WHERE a = 7 OR b = -7.7e7 OR c = .7 OR d = 0x7f"],
    ["a blob", "SELECT * FROM t WHERE a = x'77' OR b = X'77'"],
    ["a comment", "-- 7\nSELECT /* 7 ' */ 1 -- ' 7"],
    ["a comment that is not closed", "SELECT 1 /* 7"],
    ["a string that is not closed", "SELECT * FROM t WHERE a = '7 FROM u7"],
    ["a blob that is not closed", "SELECT x'7"],
    ["a string where a name may stand", "SELECT * FROM '7'"],
    ["a string behind the name of a schema", "SELECT * FROM main.'7'"],
    ["a string behind a name that is not closed", "SELECT * FROM \"t WHERE a = '7'"],
    ["a string behind a bracket that is not closed", "SELECT * FROM [t WHERE a = '7'"],
    ["a malformed number", "SELECT * FROM t WHERE a = 7abc"],
    ["what is no SQL", "7 '7' hello secret7"],
    ["the setting of a pragma", "PRAGMA key = '7'; PRAGMA key = k7; PRAGMA main.key('k7')"],
    [
      "the file and key of a database",
      "ATTACH 'f7' AS a7 KEY 'k7'; ATTACH f7 AS a7 KEY k7; DETACH a7; VACUUM INTO 'f7'",
    ],
    ["the name of a savepoint", "SAVEPOINT s7; ROLLBACK TO s7; RELEASE s7"],
    ["a body of a trigger", "CREATE TRIGGER a AFTER INSERT ON t BEGIN UPDATE t SET b = '7'; SELECT 7; END"],
    [
      "a check or default of a schema",
      "CREATE TABLE t (a DEFAULT '7', b CHECK (b IN (7, '7'))); CREATE INDEX i ON t (a) WHERE a > 7",
    ],
    ["the explanation of a pragma", "EXPLAIN PRAGMA key = k7"],
    ["the explanation of an attachment", "EXPLAIN ATTACH 'f7' AS a KEY k7"],
    ["the file of a virtual table", 'CREATE VIRTUAL TABLE t USING csv(filename="/home/u7.csv")'],
  ] as const;
  for (const [place, sql] of places) it(`from ${place}`, () => expect(shownOf(sql)).not.to.include("7"));

  it("from 10,000 texts put together at random, half of them cut off", () => {
    const random = seeded(20_260);
    const texts = Array.from({ length: 10_000 }, () => randomSql(random));
    expect(texts.filter((sql) => shownOf(sql).includes("7"))).to.deep.equal([]);
  });
});

const STARTS = [
  "SELECT",
  "SELECT * FROM",
  "INSERT INTO t",
  "UPDATE",
  "WITH a AS (",
  "CREATE TABLE t (",
  "DELETE FROM main",
];
const WORDS =
  "SELECT INSERT UPDATE DELETE REPLACE VALUES FROM JOIN INTO AS OR SET WHERE TABLE NOT EXISTS BEGIN COMMIT END TO " +
  'EXPLAIN CONFLICT DO CASE TRUE MATERIALIZED words x "a" [b] `c` main ? :a @b $c ( ) , . ; = - / * ||';
const VALUES = ["'7'", "'7''7'", "7", "7.7e-7", ".7", "0x7", "x'77'", "'7\u{1F600}'", "-- 7'\n", '/* 7" */', "''"];
const TOKENS = [...WORDS.split(" "), ...VALUES, ...VALUES];

function randomSql(random: () => number): string {
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)]!;
  let sql = pick(STARTS);
  for (let tokens = 1 + random() * 25; tokens > 0; tokens--) {
    const token = pick(TOKENS);
    // Without a space, a word or a parameter and a number would be one name.
    const mayTouch = /^[^\w.]/.test(token) || /[^\w.?`"\]]$/.test(sql);
    sql += (mayTouch && random() < 0.5 ? "" : " ") + token;
  }
  return random() < 0.5 ? sql : sql.slice(0, Math.floor(random() * sql.length));
}
