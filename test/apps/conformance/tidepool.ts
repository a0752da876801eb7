/** The engine of examples/engine, which reports itself. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Tidepool } from "../../../examples/engine/engine.ts";

const bytes = (text: string): Buffer => Buffer.from(text);

export async function exercise(folder: string) {
  const db = await Tidepool.open(join(folder, "reef"), { level0Files: 2 });
  await db.put("crab/1", bytes("secret-claw"));
  await db.put("crab/2", bytes("second"));
  await db.del("crab/2");
  await db.get("crab/1");
  await db.get("nothing");

  await db.transaction(async (transaction) => {
    await transaction.get("crab/1");
    transaction.put("eel/1", bytes("long"));
  });
  const [fast, slow] = [db.begin(), db.begin()];
  fast.put("eel/2", bytes("a"));
  slow.put("eel/2", bytes("b"));
  await fast.commit();
  await slow.commit().catch(() => undefined);
  const given = db.begin();
  given.rollback();

  const snapshot = db.snapshot();
  await db.put("eel/3", bytes("later"));
  let results = 0;
  for await (const [, value] of snapshot.scan("eel/")) results += value.length > 0 ? 1 : 0;
  for await (const _ of db.scan("crab/")) {
    results++;
    // The application's own time, which is not the engine's.
    await sleep(120);
  }
  snapshot.release();

  await db.flush();
  await db.put("eel/4", bytes("x".repeat(10_000)));
  await db.compact();
  await db.checkpoint(join(folder, "copy"));
  const branch = await db.branch("experiment");
  await branch.put("crab/9", bytes("elsewhere"));
  await db.close();
  await db.get("crab/1").catch(() => undefined);
  return {
    system: "tidepool",
    namespace: "reef",
    operations: { get: 3, put: 4, del: 1, scan: 2, commit: 3 },
    failure: { summary: "commit", type: "CONFLICT" },
    slow: { summary: "scan", isAsynchronous: true },
    transactions: { commit: 2, conflict: 1, rollback: 1 },
    flushes: 2,
    checkpoints: 0,
    snapshots: 2,
    compactions: 1,
    searches: 2,
    results,
    secrets: ["secret-claw", "crab/"],
  };
}
