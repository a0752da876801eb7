import { expect } from "chai";
import { describe, it } from "mocha";
import { parse, refused } from "../../../instrumentations/pglite/sql.ts";

/** Texts with values that must not be told, and their summaries. */
const VALUES: Readonly<Record<string, string>> = {
  "SELECT a FROM t WHERE b = 'secret'": "SELECT t",
  "SELECT a FROM t WHERE b = 'it''s FROM secret'": "SELECT t",
  "SELECT a FROM t WHERE b = E'it\\'s FROM secret'": "SELECT t",
  "SELECT a FROM t WHERE b = e'\\\\' AND c = 'FROM secret'": "SELECT t",
  "SELECT a FROM t WHERE b = 'secret\\' FROM secret' FROM secret": "SELECT t",
  "SELECT E'a'\n 'b\\' FROM secret'": "SELECT",
  "SELECT $$ FROM secret $$, $a$ $$ FROM secret $b$ $a$ FROM t": "SELECT t",
  "SELECT a$b$c FROM t WHERE d = $1": "SELECT t",
  "SELECT $a$ FROM secret": "SELECT",
  "SELECT b'01', X'5ec2e7', N'secret', U&'\\0073ecret' UESCAPE '!' FROM t": "SELECT t",
  "SELECT /* FROM secret /* nested */ FROM secret */ a -- FROM secret\n FROM t": "SELECT t",
  "SELECT /* FROM secret": "SELECT",
  "SELECT 'FROM secret": "SELECT",
  'SELECT "FROM secret': "SELECT",
  "SELECT 1, .5, 1e-7, 0xsecret, 12secret FROM t": "SELECT t",
  "SELECT '1 day'::interval, a::text, 'secret'::varchar(5) FROM t": "SELECT t",
  "SELECT interval 'secret' FROM t\0 JOIN secret ON true": "SELECT t",
  "INSERT INTO t (a, b) VALUES ('secret', $1), ($2, 'secret')": "INSERT t",
  "SET password = secret": "SET",
  "COPY t (a) FROM '/home/secret'": "COPY t",
  "CREATE ROLE secret PASSWORD 'secret'": "CREATE ROLE",
  "SAVEPOINT secret": "SAVEPOINT",
  "LISTEN secret": "LISTEN",
  "EXECUTE secret('secret')": "EXECUTE",
  "secret FROM secret": "OTHER",
};

/** Texts in the dialect, and their summaries. */
const SUMMARIES: Readonly<Record<string, string>> = {
  'SELECT * FROM Boats, public."Boats", a."b""c"': 'SELECT boats Boats a.b"c',
  "SELECT extract(year FROM born), trim(both FROM name) FROM people": "SELECT people",
  "SELECT * FROM generate_series(1, 9) AS g, LATERAL f(g), people": "SELECT people",
  "SELECT * FROM jobs FOR NO KEY UPDATE SKIP LOCKED": "SELECT jobs",
  "SELECT * FROM a WHERE b IS DISTINCT FROM c": "SELECT a",
  "WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x": "SELECT INSERT t SELECT",
  "INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET b = 1": "INSERT t",
  "DELETE FROM ONLY t USING u WHERE t.a = u.a": "DELETE t u",
  "UPDATE ONLY t SET a = 1": "UPDATE t",
  "MERGE INTO stock AS s USING new AS n ON s.id = n.id WHEN MATCHED THEN UPDATE SET n = 1": "MERGE stock",
  "(SELECT 1 FROM a) UNION ALL (SELECT 2 FROM b)": "SELECT a SELECT b",
  "TRUNCATE TABLE ONLY logs": "TRUNCATE logs",
  "VACUUM (FULL, ANALYZE) logs": "VACUUM logs",
  "REFRESH MATERIALIZED VIEW CONCURRENTLY totals": "REFRESH totals",
  "CREATE OR REPLACE FUNCTION f() RETURNS TABLE (a INT) BEGIN ATOMIC SELECT 1; SELECT 2; END": "CREATE FUNCTION",
  "START TRANSACTION ISOLATION LEVEL SERIALIZABLE": "START",
  "ROLLBACK TO SAVEPOINT s": "ROLLBACK TO",
  "SELECT 1; DELETE FROM t; ;": "BATCH",
  "INSERT INTO a VALUES (1); INSERT INTO b VALUES (2)": "BATCH INSERT",
};

describe("the SQL of PostgreSQL", () => {
  for (const [text, summary] of Object.entries(VALUES))
    it(`is told without values: ${JSON.stringify(text)}`, () => {
      const script = parse(text);
      expect(script.summary).to.equal(summary);
      expect(script.text!().toLowerCase()).to.not.contain("secret");
      expect(refused(script).summary).to.match(/^[A-Z ]+$/);
    });

  for (const [text, summary] of Object.entries(SUMMARIES))
    it(`is summarised: ${text}`, () => expect(parse(text).summary).to.equal(summary));

  it("searches for words or vectors", () => {
    const searchOf = (text: string): unknown => parse(text).parts[0]!.purpose;
    expect(searchOf("SELECT * FROM t WHERE v @@ to_tsquery($1)")).to.deep.equal({ search: "fulltext" });
    expect(searchOf("SELECT * FROM t WHERE v @@ $1")).to.deep.equal({ search: "fulltext" });
    for (const operator of ["<->", "<=>", "<#>", "<+>"])
      expect(searchOf(`SELECT * FROM t ORDER BY e ${operator} $1 LIMIT 5`)).to.deep.equal({ search: "vector" });
    expect(searchOf("SELECT e <-> $1 FROM t")).to.equal(undefined);
    expect(searchOf("SELECT * FROM t WHERE a < -1 ORDER BY a LIMIT 5")).to.equal(undefined);
    expect(searchOf("SELECT '@@ to_tsquery(1)' FROM t")).to.equal(undefined);
  });

  it("is read in a time that grows with its length", () => {
    const time = (text: string): number => {
      const start = process.cpuUsage().user;
      parse(text);
      return process.cpuUsage().user - start;
    };
    for (const piece of [
      "'",
      '"',
      "$a",
      "$$",
      "/*",
      "(",
      ";",
      "CREATE BEGIN ATOMIC ;",
      "E'\\",
      "a,",
      "1,",
      "''",
      "-- \n",
      "FROM (",
    ]) {
      const [short, long] = [20_000, 200_000].map((length) => piece.repeat(Math.ceil(length / piece.length)));
      time(short!);
      expect(time(long!), piece).to.be.below(Math.max(30 * time(short!), 400_000));
    }
  });
});
