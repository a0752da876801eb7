/**
 * Prints the telemetry that stratascope records for libsql:
 *
 *     OTEL_TRACES_EXPORTER=console OTEL_METRICS_EXPORTER=console node --require ./register instrumentations/libsql/example.ts
 */
import Database from "libsql";

const db = new Database(":memory:");
db.exec("CREATE TABLE words (word TEXT PRIMARY KEY, meaning F32_BLOB(2))");
db.exec("CREATE INDEX meanings ON words (libsql_vector_idx(meaning))");
const insert = db.prepare("INSERT INTO words VALUES (?, vector(?))");

// One transaction of two statements.
const fill = db.transaction((words: readonly (readonly [string, string])[]) => {
  for (const [word, meaning] of words) insert.run(word, meaning);
});
fill([
  ["page", "[1, 2]"],
  ["row", "[2, 1]"],
]);

// A search.
const near = db.prepare("SELECT id FROM vector_top_k('meanings', vector(?), 1)");
console.log(near.all("[1, 2]"));
db.close();
