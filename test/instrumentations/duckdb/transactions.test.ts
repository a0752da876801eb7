import { expect } from "chai";
import type { DuckDBConnection } from "@duckdb/node-api";
import { describe, it } from "mocha";
import { count, spansDuring, withoutStatements } from "../../helpers/observed.ts";
import { failing, open, transactionsOf, type Opened } from "./duckdb.ts";

/** A database with a table of one row. */
async function filled(): Promise<Opened> {
  const opened = await open();
  await opened.connection.run("CREATE TABLE t (a INTEGER PRIMARY KEY, b INTEGER); INSERT INTO t VALUES (1, 1)");
  return opened;
}

/** Two writes, each a transaction of its own. */
const FILLED = { "autocommit commit": 2 };

const rowsIn = async (connection: DuckDBConnection): Promise<number> =>
  (await connection.runAndReadAll("FROM t")).currentRowCount;

/** Statements that fail inside of a transaction, and whether DuckDB then gives it up. */
const FAILURES: readonly (readonly [
  title: string,
  isFatal: boolean,
  fail: (on: DuckDBConnection) => Promise<unknown>,
])[] = [
  ["text that is not SQL", false, (on) => on.run("SELEC 1")],
  ["text that is not SQL, with values", false, (on) => on.run("SELEC $1", [1])],
  ["a table that is missing", false, (on) => on.run("SELECT * FROM nope")],
  ["a column that is missing", false, (on) => on.run("SELECT nope FROM t WHERE a = $1", [1])],
  ["a table that exists", false, (on) => on.run("CREATE TABLE t (a INTEGER)")],
  ["a value that is missing", false, (on) => on.run("SELECT $1, $2", [1])],
  ["values that are missing", true, (on) => on.run("SELECT $1")],
  ["a conversion", true, (on) => on.run("SELECT 'a'::INTEGER")],
  ["a conversion, with values", true, (on) => on.run("SELECT $1::INTEGER", ["a"])],
  ["a duplicate key", true, (on) => on.run("INSERT INTO t VALUES (1, 2)")],
  ["another BEGIN", true, (on) => on.run("BEGIN")],
  ["a file that is missing", true, (on) => on.prepare("SELECT * FROM read_csv('/nope')")],
  ["a poll", true, (on) => on.startThenReadAll("SELECT error('mine')")],
  ["a stream", true, (on) => on.streamAndReadAll("SELECT error('mine' || range) FROM range(9)")],
  ["the second of a script", true, (on) => on.run("SELECT 1; SELECT 'a'::INTEGER")],
  ["an appender", true, async (on) => appendTwice(await on.createAppender("t"))],
];

function appendTwice(appender: Awaited<ReturnType<DuckDBConnection["createAppender"]>>): void {
  appender.appendInteger(1);
  appender.appendInteger(1);
  appender.endRow();
  appender.closeSync();
}

describe("transactions of DuckDB", () => {
  it("are explicit ones, and writes outside of them", async () => {
    const { connection, namespace } = await filled();
    await connection.run("SELECT 1");
    await connection.run("BEGIN TRANSACTION");
    expect(await count("storage.transaction.active", { "db.namespace": namespace })).to.equal(1);
    expect(await count("storage.snapshot.active", { "db.namespace": namespace })).to.equal(1);
    await connection.run("UPDATE t SET b = $1", [2]);
    await connection.run("COMMIT");
    await connection.run("START TRANSACTION READ ONLY");
    await connection.run("ABORT");
    await connection.run("DELETE FROM t");
    await failing(connection.run("INSERT INTO t VALUES (1, 1), (1, 2)"));
    await failing(connection.run("INSERT INTO nope VALUES (1)"));
    expect(await transactionsOf(namespace)).to.deep.equal({
      "autocommit commit": 3,
      "autocommit error": 1,
      "optimistic commit": 1,
      "optimistic rollback": 1,
    });
    expect(await count("storage.transaction.active", { "db.namespace": namespace })).to.equal(0);
    expect(await count("storage.transaction.commit.duration", { "db.namespace": namespace })).to.equal(1);
  });

  it("are open in several connections at once, and the slower one of two meets a conflict", async () => {
    const { instance, connection, namespace } = await filled();
    const other = await instance.connect();
    for (const each of [connection, other]) await each.run("BEGIN");
    await connection.run("UPDATE t SET b = 2");
    await failing(other.run("UPDATE t SET b = 3"));
    await connection.run("COMMIT");
    await other.run("ROLLBACK");
    for (const each of [connection, other]) {
      await each.run("BEGIN");
      await each.run("INSERT INTO t VALUES (7, 7)");
    }
    await connection.run("COMMIT");
    await failing(other.run("COMMIT"));
    await connection.run("BEGIN; DELETE FROM t WHERE a = 1");
    await failing(other.run("DELETE FROM t WHERE a = 1"));
    await connection.run("ROLLBACK");
    other.closeSync();
    expect(await transactionsOf(namespace)).to.deep.equal({
      ...FILLED,
      "optimistic commit": 2,
      "optimistic conflict": 2,
      "optimistic rollback": 1,
      "autocommit conflict": 1,
    });
    expect(await count("storage.transaction.conflicts", { "db.namespace": namespace })).to.equal(3);
  });

  for (const [title, isFatal, fail] of FAILURES)
    it(`${isFatal ? "are given up by" : "survive"} ${title}`, async () => {
      const { connection, namespace } = await filled();
      await connection.run("BEGIN");
      await connection.run("INSERT INTO t VALUES (2, 2)");
      await failing(Promise.resolve().then(() => fail(connection)));
      await connection.run("COMMIT");
      // What DuckDB did, of which it reports nothing.
      expect(await rowsIn(connection)).to.equal(isFatal ? 1 : 2);
      const outcome = isFatal ? "error" : "commit";
      expect(await transactionsOf(namespace)).to.deep.equal({ ...FILLED, [`optimistic ${outcome}`]: 1 });
    });

  it("in scripts are those of their statements", async () => {
    const { connection, namespace } = await filled();
    await connection.run("BEGIN; INSERT INTO t VALUES (2, 2); INSERT INTO t VALUES (3, 3); COMMIT");
    await connection.run("BEGIN; DELETE FROM t; ROLLBACK; INSERT INTO t VALUES (4, 4)");
    await connection.run("INSERT INTO t VALUES (5, 5); BEGIN; INSERT INTO t VALUES ($1, 6)", [6]);
    await connection.run("COMMIT; BEGIN");
    await connection.run("DELETE FROM t; ROLLBACK");
    await failing(connection.run("BEGIN; INSERT INTO t VALUES (9, 9); SELECT 'a'::INTEGER; COMMIT"));
    await connection.run("ROLLBACK");
    await failing(connection.run("INSERT INTO t VALUES (7, 7); INSERT INTO t VALUES (1, $1)", [1]));
    expect(await rowsIn(connection)).to.equal(7);
    expect(await transactionsOf(namespace)).to.deep.equal({
      "autocommit commit": 5,
      "autocommit error": 1,
      "optimistic commit": 2,
      "optimistic rollback": 2,
      "optimistic error": 1,
    });
  });

  it("end with their connection", async () => {
    const { instance, connection, namespace } = await filled();
    const other = await instance.connect();
    await other.run("BEGIN");
    await other.run("DELETE FROM t");
    other.closeSync();
    expect(await rowsIn(connection)).to.equal(1);
    expect(await transactionsOf(namespace)).to.deep.equal({ ...FILLED, "optimistic rollback": 1 });
    expect(await count("storage.transaction.active", { "db.namespace": namespace })).to.equal(0);
  });

  it("have a span with the number of their statements", async () => {
    const { connection, namespace } = await filled();
    const spans = await spansDuring(async () => {
      await connection.run("BEGIN");
      await connection.run("UPDATE t SET b = 2");
      await connection.runAndReadAll("SELECT b FROM t WHERE a = $1", [1]);
      await connection.run("COMMIT");
      await connection.run("BEGIN; DELETE FROM t; SELECT 1; COMMIT");
    });
    const found = withoutStatements(spans).filter(({ name }) => name === `transaction ${namespace}`);
    expect(found.map(({ attributes }) => attributes["storage.transaction.statements"])).to.deep.equal([2, 2]);
    const request = spans.find(({ name }) => name === "request")!;
    for (const { parentSpanContext } of found) expect(parentSpanContext!.spanId).to.equal(request.spanContext().spanId);
  });
});
