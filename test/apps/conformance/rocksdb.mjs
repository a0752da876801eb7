/** RocksDB by rocksdb-native. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import RocksDB from "rocksdb-native";

export async function exercise(folder) {
  const path = join(folder, "quarry");
  const db = new RocksDB(path, { columnFamilies: ["secret-less"] });
  await db.put("secret-bowline", "secret-knot");
  const batch = db.write();
  batch.tryPut("anchor", "iron");
  batch.tryDelete("cleat");
  await batch.flush();
  batch.destroy();
  await db.get("secret-bowline");
  await db.get("nothing");
  await db.delete("anchor");
  await db.deleteRange("x", "y");
  const reads = db.read();
  const values = [reads.get("anchor"), reads.get("secret-bowline")];
  await reads.flush();
  reads.destroy();
  await Promise.all(values);

  const coils = db.columnFamily("secret-less");
  await coils.put("first", "7");
  await coils.get("first");
  await coils.close();

  // The database is locked.
  await new RocksDB(path).ready().catch(() => undefined);

  const snapshot = db.snapshot();
  await db.put("later", "unseen");
  for await (const _ of snapshot.iterator()) {
    // The application's own time, which is not the engine's.
    await sleep(20);
  }
  await snapshot.close();
  for await (const _ of db.keys());
  await db.peek();

  // More than a megabyte in one call.
  const large = db.write();
  for (let i = 0; i < 40; i++) large.tryPut(`large-${i}`, "x".repeat(1 << 20));
  await large.flush();
  await db.flush();
  for (let i = 0; i < 4; i++) large.tryPut(`large-${i}`, "y".repeat(1 << 20));
  await large.flush();
  large.destroy();
  await db.flush();
  await db.compactRange("a", "z");
  await db.close();
  return {
    system: "rocksdb",
    namespace: "quarry",
    operations: {
      open: 2,
      put: 2,
      "put secret-less": 1,
      get: 2,
      "get secret-less": 1,
      delete: 1,
      deleteRange: 1,
      write: 3,
      read: 1,
      iterator: 1,
      keys: 1,
      peek: 1,
      flush: 2,
      compactRange: 1,
      close: 1,
    },
    failure: { summary: "open", type: "EIO" },
    slow: { summary: "write", isAsynchronous: true },
    transactions: {},
    flushes: 2,
    checkpoints: 0,
    snapshots: 1,
    compactions: 1,
    searches: 0,
    results: 0,
    secrets: ["secret-bowline", "secret-knot", "unseen", "xxxxxxxx", folder],
  };
}
