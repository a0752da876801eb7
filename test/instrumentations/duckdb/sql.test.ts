import { expect } from "chai";
import { describe, it } from "mocha";
import { parseScript } from "../../../instrumentations/duckdb/sql.ts";
import { OperationKind } from "../../../src/recording/operation-kind.ts";
import { seeded } from "../../helpers/random.ts";

const { READ, WRITE, TRANSACTION, OTHER } = OperationKind;

/** SQL with its kind, its summary and, if it names one table, its collection. */
type Row = readonly [sql: string, kind: OperationKind, summary: string, collection?: string];

const ROWS: readonly Row[] = [
  ["SELECT a::INTEGER FROM t WHERE b = 'secret'", READ, "SELECT t", "t"],
  ["FROM t", READ, "SELECT t", "t"],
  ["from t select a where b = 'secret'", READ, "SELECT t", "t"],
  ["FROM t SELECT a UNION FROM u SELECT b", READ, "SELECT t SELECT u"],
  ["SELECT * FROM (FROM t SELECT a), u", READ, "SELECT SELECT t u"],
  ["WITH x AS (FROM t) FROM x SELECT y", READ, "SELECT t SELECT", "t"],
  ["WITH x AS (SELECT 1) INSERT INTO db.main.t SELECT * FROM x", WRITE, "SELECT INSERT db.t SELECT", "db.t"],
  ["TABLE t", READ, "SELECT t", "t"],
  ["(SELECT 1 FROM a) UNION (SELECT 2 FROM b)", READ, "SELECT a SELECT b"],
  ["VALUES (1, 'secret')", READ, "VALUES"],
  ["SELECT ['secret', 1], {'a': 'secret'}, MAP {'secret': 1} FROM t", READ, "SELECT t", "t"],
  ["SELECT $$secret; FROM u$$, $tag$it's $$ secret$tag$, $1, $name FROM t", READ, "SELECT t", "t"],
  ["SELECT e'it\\'s secret; FROM u', E'\\\\' FROM t", READ, "SELECT t", "t"],
  ["/* a /* secret */ FROM u */ SELECT 1 FROM t -- secret", READ, "SELECT t", "t"],
  ["SELECT extract(year FROM day), trim(both 'x' FROM name) FROM t", READ, "SELECT t", "t"],
  ["SELECT * FROM t USING SAMPLE 10% QUALIFY row_number() OVER () = 1", READ, "SELECT t", "t"],
  ['SELECT * FROM "my words" JOIN "data/secret.csv" USING (a)', READ, "SELECT my words", "my words"],
  ["SELECT * FROM 'secret.parquet'", READ, "SELECT"],
  ["SELECT * FROM read_csv('secret.csv')", READ, "SELECT read_csv", "read_csv"],
  ["PIVOT t ON b USING sum(a)", READ, "PIVOT t", "t"],
  ["UNPIVOT t ON b INTO NAME n VALUE v", READ, "UNPIVOT t", "t"],
  ["DESCRIBE t", READ, "DESCRIBE"],
  ["SUMMARIZE SELECT * FROM t WHERE a = 'secret'", READ, "SUMMARIZE"],
  ["EXPLAIN ANALYZE FROM t", READ, "EXPLAIN SELECT t", "t"],
  ["INSERT OR REPLACE INTO t BY NAME SELECT * FROM 'secret.parquet'", WRITE, "INSERT t SELECT", "t"],
  ["INSERT INTO t VALUES ('secret') ON CONFLICT DO UPDATE SET a = 'secret' RETURNING *", WRITE, "INSERT t", "t"],
  ["UPDATE t SET a = 1 FROM u WHERE u.b = t.b", WRITE, "UPDATE t u"],
  ["DELETE FROM t USING u WHERE u.a = t.a", WRITE, "DELETE t u"],
  ["TRUNCATE TABLE t", WRITE, "TRUNCATE t", "t"],
  [
    "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN UPDATE SET b = 'secret' WHEN NOT MATCHED THEN INSERT",
    WRITE,
    "MERGE t u",
  ],
  ["CREATE OR REPLACE TEMP TABLE t AS SELECT 'secret'", WRITE, "CREATE TABLE"],
  ["CREATE PERSISTENT SECRET secret (TYPE s3, KEY_ID 'secret', SECRET secret)", WRITE, "CREATE SECRET"],
  ["ALTER TABLE t ADD COLUMN secret TEXT", WRITE, "ALTER TABLE"],
  ["COMMENT ON TABLE t IS 'secret'", WRITE, "COMMENT"],
  ["COPY t FROM 'secret.csv' (HEADER)", WRITE, "COPY t", "t"],
  ["COPY t (a, b) TO 'secret.csv'", READ, "COPY t", "t"],
  ["COPY (FROM t SELECT a WHERE b = 'secret') TO 's3://secret'", READ, "COPY SELECT t", "t"],
  ["COPY FROM DATABASE secret TO other", OTHER, "COPY FROM DATABASE"],
  ["EXPORT DATABASE 'secret' (FORMAT parquet)", OTHER, "EXPORT DATABASE"],
  ["IMPORT DATABASE 'secret'", WRITE, "IMPORT DATABASE"],
  ["ATTACH 'secret.db' AS secret (TYPE sqlite)", OTHER, "ATTACH"],
  ["USE secret", OTHER, "USE"],
  ["SET secret = 'secret'", OTHER, "SET"],
  ["PRAGMA secret('secret')", OTHER, "PRAGMA"],
  ["CALL secret('secret')", OTHER, "CALL"],
  ["PREPARE secret AS SELECT 'secret'", OTHER, "PREPARE"],
  ["EXECUTE secret('secret')", OTHER, "EXECUTE"],
  ["FORCE CHECKPOINT secret", OTHER, "FORCE CHECKPOINT"],
  ["BEGIN TRANSACTION READ ONLY", TRANSACTION, "BEGIN TRANSACTION READ ONLY"],
  ["START TRANSACTION", TRANSACTION, "START TRANSACTION"],
  ["END", TRANSACTION, "END"],
  ["secret", OTHER, "OTHER"],
  ["'secret", OTHER, "OTHER"],
  ["", OTHER, "OTHER"],
  ["FROM t; FROM u", READ, "BATCH SELECT"],
  ["BEGIN; INSERT INTO t VALUES ('secret; COMMIT'); COMMIT", WRITE, "BATCH"],
];

describe("SQL of DuckDB", () => {
  for (const [sql, kind, summary, collection] of ROWS)
    it(`is summarised: ${sql}`, () => {
      const script = parseScript(sql);
      expect([script.kind, script.summary, script.collection]).to.deep.equal([kind, summary, collection]);
      expect(script.text!()).to.not.match(/secret(?! \(TYPE)/);
    });

  it("is split as DuckDB splits it", () => {
    const { parts } = parseScript(
      "SELECT 1; ; BEGIN;\n-- a; b\nSELECT ';' || $$;$$ || e'\\';' || \";\"; CHECKPOINT;;COMMIT",
    );
    expect(parts.map(({ verb, role }) => role ?? verb)).to.deep.equal([
      "SELECT",
      "begin",
      "SELECT",
      "checkpoint",
      "commit",
    ]);
  });

  it("is never shown with its values, however it is put together", () => {
    const random = seeded(7);
    const pieces =
      "SELECT|FROM|t|'secret'|$$secret$$|$a$secret$a$|e'\\'secret'|[|]|(|)|,|;|'secret''s'|{'secret':1}|x'53'|/*secret*/|--secret\n|::|$1|INSERT INTO|VALUES|COPY|TO|ATTACH|AS|WITH|PIVOT|UPDATE|SET|=|1.5|\"t\"|\"secret/a.b\"|MERGE INTO|USING|EXPLAIN|CREATE SECRET|TABLE";
    const all = pieces.split("|");
    for (let i = 0; i < 5_000; i++) {
      const sql = Array.from({ length: 1 + random() * 12 }, () => all[Math.floor(random() * all.length)]).join(" ");
      const { summary, collection, text, parts } = parseScript(sql);
      const shown = JSON.stringify([summary, collection, parts, text!()]);
      expect(shown, sql).to.not.contain("secret");
    }
  });

  it("takes no longer than its length", () => {
    for (const piece of [
      "(",
      ") AS (",
      "$a",
      "$a$ ",
      "/*",
      "WITH x AS (",
      "FROM ",
      ") FROM ",
      "'",
      "e'\\",
      ";",
      "[",
      '"a" ',
    ])
      for (const length of [200_000]) {
        const start = process.cpuUsage();
        const { text } = parseScript(piece.repeat(length / piece.length));
        text!();
        expect(process.cpuUsage(start).user / 1_000, piece).to.be.below(400);
      }
  });
});
