/**
 * Prints the telemetry that stratascope records for DuckDB:
 *
 *     OTEL_TRACES_EXPORTER=console OTEL_METRICS_EXPORTER=console node --require ./register instrumentations/duckdb/example.ts
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";

const folder = await mkdtemp(join(tmpdir(), "duckdb-"));
const instance = await DuckDBInstance.create(join(folder, "words.duckdb"));
const connection = await instance.connect();
await connection.run("CREATE TABLE words (word TEXT, length INTEGER)");

const appender = await connection.createAppender("words");
for (const word of ["bowline", "sheet bend", "clove hitch"]) {
  appender.appendVarchar(word);
  appender.appendInteger(word.length);
  appender.endRow();
}
appender.closeSync();

await connection.run("BEGIN");
await connection.run("UPDATE words SET length = length + 1 WHERE word = $1", ["bowline"]);
await connection.run("COMMIT");
const reader = await connection.runAndReadAll("FROM words SELECT word ORDER BY length");
for (const [word] of reader.getRows()) console.log(word);
await connection.run("CHECKPOINT");
await connection.run(`EXPORT DATABASE '${join(folder, "copy")}'`);

connection.closeSync();
instance.closeSync();
await rm(folder, { recursive: true });
