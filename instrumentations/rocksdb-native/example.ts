/**
 * Prints the telemetry that stratascope records for rocksdb-native:
 *
 *     OTEL_TRACES_EXPORTER=console OTEL_METRICS_EXPORTER=console node --require ./register instrumentations/rocksdb-native/example.ts
 */
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The part of the package that is used here: it has no types. */
interface Database {
  put(key: string, value: string): Promise<void>;
  get(key: string): Promise<object | null>;
  write(): { tryPut(key: string, value: string): void; flush(): Promise<void>; destroy(): void };
  snapshot(): Database;
  flush(): Promise<void>;
  compactRange(start: string, end: string): Promise<void>;
  close(): Promise<void>;
}

const RocksDB = createRequire(import.meta.url)("rocksdb-native") as new (path: string) => Database;

const folder = await mkdtemp(join(tmpdir(), "rocksdb-"));
const db = new RocksDB(join(folder, "words"));

await db.put("row", "what row means");
const batch = db.write();
batch.tryPut("table", "what table means");
await batch.flush();
batch.destroy();

const snapshot = db.snapshot();
await db.put("page", "what is written later");
console.log(String(await db.get("row")), await snapshot.get("page"));
await snapshot.close();

// Writes the memtable to a file, and merges the files.
await db.flush();
await db.put("row", "what else row means");
await db.compactRange("a", "z");
await db.close();
await rm(folder, { recursive: true });
