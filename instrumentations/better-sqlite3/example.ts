/**
 * Prints the telemetry that stratascope records for better-sqlite3:
 *
 *     OTEL_TRACES_EXPORTER=console OTEL_METRICS_EXPORTER=console node --require ./register instrumentations/better-sqlite3/example.ts
 */
import Database from "better-sqlite3";

const db = new Database(":memory:");
db.exec("CREATE TABLE words (word TEXT PRIMARY KEY, gloss TEXT)");
const insert = db.prepare("INSERT INTO words VALUES (?, ?)");
const lookUp = db.prepare("SELECT gloss FROM words WHERE word = ?");

// One transaction of three statements.
const fill = db.transaction((words: readonly string[]) => {
  for (const word of words) insert.run(word, `what ${word} means`);
});
fill(["page", "row", "table"]);

console.log(lookUp.get("row"));
db.close();
