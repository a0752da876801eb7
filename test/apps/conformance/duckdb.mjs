/** DuckDB by @duckdb/node-api. */
import { join } from "node:path";
import { DuckDBInstance, DuckDBPendingResultState } from "@duckdb/node-api";

export async function exercise(folder) {
  const path = join(folder, "shelf.duckdb");
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  const other = await instance.connect();
  await connection.run("CREATE TABLE knots (name TEXT PRIMARY KEY, uses INTEGER)");
  await connection.run("INSERT INTO knots VALUES ('secret-bowline', 7), ('hitch', 3)");
  await connection.run("INSERT INTO knots VALUES ($1, $2)", ["secret-bend", 5]);
  await connection.runAndReadAll("FROM knots SELECT name WHERE uses > $1", [1]);
  await connection.run("SELECT * FROM knots WHERE name = $$secret-dollar$$ OR name = e'secret\\'-slash'");

  const prepared = await connection.prepare("SELECT uses FROM knots WHERE name = $1");
  for (const name of ["secret-bowline", "secret-nothing"]) {
    prepared.bindVarchar(1, name);
    await prepared.runAndReadAll();
  }
  const pending = await connection.start("SELECT count(*) FROM knots");
  while (pending.runTask() !== DuckDBPendingResultState.RESULT_READY)
    await new Promise((resolve) => setImmediate(resolve));
  await pending.getResult();
  for await (const _ of await connection.stream("SELECT * FROM range(5000)")) continue;

  // A conflict, an error and a rollback.
  await connection.run("BEGIN");
  await other.run("BEGIN");
  await connection.run("UPDATE knots SET uses = 8 WHERE name = 'hitch'");
  await other.run("UPDATE knots SET uses = 9 WHERE name = 'hitch'").catch(() => undefined);
  await other.run("ROLLBACK");
  await connection.run("COMMIT");
  await connection.run("BEGIN");
  await connection.run("INSERT INTO knots VALUES ('secret-bowline', 1)").catch(() => undefined);
  await connection.run("COMMIT");
  await connection.run("BEGIN; DELETE FROM knots; ROLLBACK");

  const appender = await connection.createAppender("knots");
  for (let i = 0; i < 10; i++) {
    appender.appendVarchar(`secret-${i}`);
    appender.appendInteger(i);
    appender.endRow();
  }
  appender.closeSync();
  await connection.run("SELECT * FROM secret_table").catch(() => undefined);

  // More than 50 ms.
  await connection.run("SELECT sum(range * 3 % 7) FROM range(10000000)");
  // Blocks at the end of the file are released when they are free.
  await connection.run("CREATE TABLE coils AS SELECT range, 'secret-coil ' || range FROM range(100000)");
  await connection.run("CHECKPOINT");
  await connection.run("CREATE TABLE last AS SELECT range, random() FROM range(500000)");
  await connection.run("CHECKPOINT");
  await connection.run("DROP TABLE last");
  await connection.run("CHECKPOINT");
  await connection.run(`EXPORT DATABASE '${join(folder, "secret-export")}'`);
  await connection.run(`ATTACH '${join(folder, "secret-copy.duckdb")}' AS secret_copy`);
  await connection.run("COPY FROM DATABASE shelf TO secret_copy");
  connection.closeSync();
  other.closeSync();
  instance.closeSync();
  return {
    system: "duckdb",
    namespace: "shelf",
    operations: {
      OPEN: 1,
      PREPARE: 1,
      "CREATE TABLE": 3,
      "INSERT knots": 3,
      "SELECT knots": 5,
      "SELECT range": 2,
      BEGIN: 3,
      COMMIT: 2,
      ROLLBACK: 1,
      "UPDATE knots": 2,
      BATCH: 1,
      "APPEND knots": 1,
      "DROP TABLE": 1,
      CHECKPOINT: 3,
      "EXPORT DATABASE": 1,
      "COPY FROM DATABASE": 1,
      ATTACH: 1,
    },
    failure: { summary: "SELECT secret_table", type: "CatalogError" },
    slow: { summary: "SELECT range", isAsynchronous: true },
    transactions: { commit: 1, conflict: 1, error: 1, rollback: 1 },
    flushes: 0,
    checkpoints: 3,
    snapshots: 2,
    compactions: 1,
    searches: 0,
    results: 0,
    secrets: ["secret-", "secret_copy"],
  };
}
