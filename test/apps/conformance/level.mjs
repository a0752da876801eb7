/** LevelDB by classic-level. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ClassicLevel } from "classic-level";

export async function exercise(folder) {
  const location = join(folder, "shelf");
  const db = new ClassicLevel(location, { writeBufferSize: 256 * 1024 });
  await db.put("secret-bowline", "secret-knot", { sync: true });
  await db.batch([
    { type: "put", key: "anchor", value: "iron" },
    { type: "del", key: "cleat" },
  ]);
  await db.batch().put("sheet", "bend").del("anchor").write();
  await db.get("secret-bowline");
  await db.get("nothing");
  db.getSync("sheet");

  const coils = db.sublevel("secret-coils", { valueEncoding: "json" });
  await coils.put("first", { length: 7 });
  await coils.get("first");
  await coils.batch([{ type: "put", key: "second", value: {} }]);
  await coils.batch().put("third", {}).write();

  // The database is locked.
  const other = new ClassicLevel(location);
  await other.open().catch(() => undefined);

  const snapshot = db.snapshot();
  await db.put("later", "unseen");
  for await (const _ of db.iterator({ snapshot })) {
    // The application's own time, which is not the engine's.
    await sleep(20);
  }
  await snapshot.close();
  const keys = await coils.keys().all();
  await db.values({ limit: 1 }).all();

  // More than a megabyte in one call.
  const large = Array.from({ length: 40 }, (_, i) => ({ type: "put", key: `large-${i}`, value: "x".repeat(1 << 20) }));
  await db.batch(large);
  await db.compactRange("a", "z");
  await db.batch(large.slice(0, 4));
  await db.compactRange("a", "z");
  await db.close();
  return {
    system: "leveldb",
    namespace: "shelf",
    operations: {
      put: 2,
      "put sync": 1,
      batch: 6,
      get: 3,
      getSync: 1,
      iterator: 1,
      keys: 1,
      values: 1,
      compactRange: 2,
      open: 2,
    },
    failure: { summary: "open", type: "LEVEL_LOCKED" },
    slow: { summary: "batch", isAsynchronous: true },
    transactions: {},
    flushes: 2,
    checkpoints: 0,
    snapshots: 1,
    compactions: 1,
    searches: 0,
    results: keys.length,
    secrets: ["secret-bowline", "secret-knot", "secret-coils"],
  };
}
