/**
 * Prints the telemetry that stratascope records for classic-level, which is the engine of level as well:
 *
 *     OTEL_TRACES_EXPORTER=console OTEL_METRICS_EXPORTER=console node --require ./register instrumentations/classic-level/example.ts
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";

const folder = await mkdtemp(join(tmpdir(), "level-"));
const db = new ClassicLevel(join(folder, "words"));
const snapshot = async (): Promise<number> => {
  const view = db.snapshot();
  await db.put("page", "what is written later");
  const keys = await db.keys({ snapshot: view }).all();
  await view.close();
  return keys.length;
};

await db.put("row", "what row means");
await db.batch([
  { type: "put", key: "table", value: "what table means" },
  { type: "del", key: "column" },
]);
console.log(await db.get("row"), db.getSync("table"), await snapshot());

// Writes the memtable to a file, and merges the files.
await db.compactRange("a", "z");
await db.close();
await rm(folder, { recursive: true });
