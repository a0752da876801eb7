// Keeps the lock of a database, and of another one that it has attached.
const { DuckDBInstance } = require("@duckdb/node-api");

void (async () => {
  const instance = await DuckDBInstance.create("held.duckdb");
  const connection = await instance.connect();
  await connection.run("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1)");
  await connection.run("ATTACH 'attached.duckdb' AS attached; CREATE TABLE attached.t AS FROM t");
  console.log("holds its locks");
  // What is collected is closed.
  globalThis.kept = [instance, connection];
  process.stdin.resume().on("end", () => process.exit());
})();
