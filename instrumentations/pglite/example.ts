/**
 * Prints the telemetry that stratascope records for PGlite:
 *
 *     OTEL_TRACES_EXPORTER=console OTEL_METRICS_EXPORTER=console node --require ./register instrumentations/pglite/example.ts
 */
import { PGlite } from "@electric-sql/pglite";

const db = await PGlite.create();
await db.exec("CREATE TABLE words (word TEXT PRIMARY KEY, meaning TEXT)");

// One transaction of two writes.
await db.transaction(async (tx) => {
  await tx.query("INSERT INTO words VALUES ($1, $2)", ["page", "one side of a leaf"]);
  await tx.sql`INSERT INTO words VALUES (${"row"}, ${"a line of a table"})`;
});

// Three queries that wait for each other, as there is one connection.
await Promise.all([1, 2, 3].map(() => db.query("SELECT pg_sleep(0.005)")));

// A search, and work on the log and the table.
const { rows } = await db.query("SELECT word FROM words WHERE to_tsvector(meaning) @@ to_tsquery('table')");
console.log(rows);
for (const text of ["CHECKPOINT", "VACUUM words"]) await db.exec(text);
const dump = await db.dumpDataDir("gzip");
console.log(`${dump.size} bytes`);
await db.close();
