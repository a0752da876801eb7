/**
 * Prints the telemetry that stratascope records for sqlite3, which has to be installed with its native code:
 *
 *     OTEL_TRACES_EXPORTER=console OTEL_METRICS_EXPORTER=console node --require ./register instrumentations/node-sqlite3/example.ts
 */
import sqlite3 from "sqlite3";

const db = new sqlite3.Database(":memory:");
db.serialize(() => {
  db.run("CREATE TABLE words (word TEXT PRIMARY KEY, gloss TEXT)");

  // One transaction of three statements.
  db.run("BEGIN");
  for (const word of ["page", "row", "table"]) db.run("INSERT INTO words VALUES (?, ?)", word, `what ${word} means`);
  db.run("COMMIT");

  db.get("SELECT gloss FROM words WHERE word = ?", "row", (error, row) => console.log(error ?? row));
});
db.close();
