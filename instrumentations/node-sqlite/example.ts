/**
 * Prints the telemetry that stratascope records for node:sqlite:
 *
 *     OTEL_TRACES_EXPORTER=console OTEL_METRICS_EXPORTER=console node --require ./register instrumentations/node-sqlite/example.ts
 */
import { DatabaseSync } from "node:sqlite";

const db = new DatabaseSync(":memory:");
db.exec("CREATE TABLE words (word TEXT PRIMARY KEY, gloss TEXT)");
const insert = db.prepare("INSERT INTO words VALUES (?, ?)");
const lookUp = db.prepare("SELECT gloss FROM words WHERE word = ?");

// One transaction of three statements.
db.exec("BEGIN");
for (const word of ["page", "row", "table"]) insert.run(word, `what ${word} means`);
db.exec("COMMIT");

console.log(lookUp.get("row"));
db.close();
