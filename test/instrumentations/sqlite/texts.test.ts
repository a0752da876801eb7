import { expect } from "chai";
import { describe, it } from "mocha";
import { BoundedTexts } from "../../../instrumentations/files/bounded-map.ts";
import { parseScript, parseStatement } from "../../../instrumentations/sqlite/sql.ts";
import { walk } from "../../../instrumentations/sqlite/script-transactions.ts";
import { Boundary } from "../../../src/recording/operation-kind.ts";
import { App, REGISTER, ROOT } from "../../helpers/app.ts";

const rows = (number: number): string => "INSERT INTO t VALUES ('x;y''z', 1); ".repeat(number);

describe("a script of megabytes", () => {
  it("yields each of its transactions and writes, at any position", () => {
    const sql = `${rows(20_000)}BEGIN IMMEDIATE;${rows(20_000)}COMMIT;\uFEFFBEGIN;${rows(1)}ROLLBACK;${rows(5)}`;
    const script = parseScript(sql);
    const { ended, open, autocommits } = walk(script.parts, false);
    expect(ended).to.deep.equal([
      { mode: "immediate", statements: 20_000, savepoints: 0, outcome: "commit" },
      { mode: "deferred", statements: 1, savepoints: 0, outcome: "rollback" },
    ]);
    expect([open, autocommits, script.batchSize]).to.deep.equal([undefined, 20_005, 40_010]);
  });

  const ends = [
    ["a trigger", "CREATE TEMP TRIGGER a AFTER INSERT ON t BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; DELETE FROM t; END"],
    ["a string", "SELECT ';COMMIT;'"],
    ["a quoted name", 'SELECT ";COMMIT;", `;COMMIT;` FROM [;COMMIT;]'],
    ["comments", "SELECT 1 -- ;COMMIT;\n + 1 /* ;COMMIT; */"],
    ["a table of the name of a conflict clause", "INSERT INTO [or] VALUES (1)"],
    ["a common table expression", "WITH a AS (SELECT 1), b(x) AS (SELECT 2) SELECT * FROM a"],
  ] as const;
  for (const [what, sql] of ends) {
    it(`is parsed beyond ${what}`, () => {
      const { parts } = parseScript(`${rows(2)}BEGIN; ${sql}; SAVEPOINT s; RELEASE s; COMMIT; SELECT 1`);
      const inner = sql.startsWith("WITH") ? "SELECT" : sql.split(" ", 1)[0];
      const verbs = `INSERT INSERT BEGIN ${inner} SAVEPOINT RELEASE COMMIT SELECT`;
      expect(parts.map(({ verb }) => verb).join(" ")).to.equal(verbs);
    });
  }

  it("respects settings and conflict clauses that change its effect", () => {
    const { parts } = parseScript(
      `${rows(1)}insert or rollback into t values (1); PRAGMA main.journal_mode = WAL; update OR rollback t SET a = 1`,
    );
    expect(parts.map(({ rollsBack }) => rollsBack)).to.deep.equal([false, true, false, true]);
    expect(parts[2]!.summary).to.equal("PRAGMA journal_mode");
  });

  it("ends where it ends for SQLite", () => {
    expect(parseScript("SELECT 1\0; DELETE FROM t").parts).to.have.length(1);
    expect(parseScript(`SELECT '${"x".repeat(40_000)}\0'; DELETE FROM t`).parts).to.have.length(1);
    expect(parseScript(`${rows(1)}SELECT 'x; DELETE FROM t`).parts).to.have.length(2);
    expect(parseScript(`${rows(1)}SELECT /* x; DELETE FROM t`).parts).to.have.length(2);
  });
});

describe("the text of a prepared statement", () => {
  it("is the part that SQLite runs", () => {
    expect(parseStatement("; SELECT a FROM t; DELETE FROM t")).to.include({ name: "SELECT", summary: "SELECT t" });
    expect(parseStatement("SELECT a FROM t; BEGIN").boundary).to.equal(Boundary.NONE);
  });

  it("names the tables behind a long list of columns", () => {
    const columns = Array.from({ length: 500 }, (_, i) => `"t"."a_column_with_a_name_${i}" AS "c${i}"`).join(", ");
    expect(parseStatement(`SELECT ${columns} FROM t JOIN u`).summary).to.equal("SELECT t u");
  });
});

describe("cached texts", () => {
  it("are limited in number and in total length", () => {
    const texts = new BoundedTexts<number>({ texts: 3, characters: 20_000 });
    for (const [i, text] of ["a", "b", "c", "d"].entries()) texts.set(text, i);
    expect(["a", "b", "c", "d"].map((text) => texts.get(text))).to.deep.equal([undefined, 1, 2, 3]);
    texts.set("x".repeat(10_000), 4);
    texts.set("y".repeat(10_000), 5);
    expect(texts.get("d")).to.equal(undefined);
    expect(texts.get("x".repeat(10_000))).to.equal(4);
    texts.set("z".repeat(10_000), 6);
    expect([texts.get("x".repeat(10_000)), texts.get("y".repeat(10_000))]).to.deep.equal([undefined, 5]);
    expect(texts.set("w".repeat(100_000), 7)).to.equal(7);
    expect(texts.get("w".repeat(100_000))).to.equal(undefined);
  });

  for (const binding of ["better-sqlite3", "node-sqlite"]) {
    it(`leave no long text in memory, with ${binding}`, async () => {
      const app = new App({});
      const flags = ["--disable-warning=ExperimentalWarning", "--expose-gc", "--require", REGISTER];
      const file = `${ROOT}/test/apps/sqlite/long-texts.cjs`;
      const { stdout, stderr } = await app.run(file, {
        flags,
        args: [binding],
        env: { OTEL_TRACES_EXPORTER: "otlp", OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" },
      });
      expect(stderr).to.not.include("instrumentation failed");
      expect(Number(stdout)).to.be.within(1, 60);
    });
  }
});
