/**
 * Prints the telemetry that stratascope records for lmdb:
 *
 *     OTEL_TRACES_EXPORTER=console OTEL_METRICS_EXPORTER=console node --require ./register instrumentations/lmdb/example.ts
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { open } from "lmdb";

const folder = mkdtempSync(join(tmpdir(), "lmdb-"));
const root = open(join(folder, "dictionary"), {});
const words = root.openDB<string, string>("words", { useVersions: true });

// One transaction of three writes.
words.transactionSync(() => {
  for (const word of ["page", "row", "table"]) words.putSync(word, `what ${word} means`, 1);
});

// Two writers of one record: one is too late.
const changed = await Promise.all([1, 2].map((writer) => words.put("row", `by ${writer}`, 2, 1)));

console.log(words.get("row"), changed, [...words.getKeys({ start: "q" })]);
await root.close();
rmSync(folder, { recursive: true });
