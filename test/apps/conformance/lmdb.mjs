/** lmdb, of which an ES module gets another copy than CommonJS. */
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as lmdb from "lmdb";

const { ABORT } = lmdb;

export async function exercise(folder) {
  const common = createRequire(import.meta.url)("lmdb");
  if (common.open === lmdb.open) throw new Error("one copy");
  const root = lmdb.open(join(folder, "fleet"), {});
  const boats = root.openDB("boats", { useVersions: true });
  const crews = common.open(join(folder, "fleet"), {}).openDB("crews", { cache: true });

  // One transaction, inside of it one that is given up, with records that are left.
  boats.transactionSync(() => {
    for (const name of ["anchor", "secret-bowline", "cleat"]) void boats.put(name, { name }, 1);
    void boats.childTransaction(() => {
      void boats.put("given up", 1, 1);
      return ABORT;
    });
  });
  await root.transaction(async () => {
    boats.get("anchor");
    await sleep(1);
    boats.get("cleat");
  });
  boats.transactionSync(() => {
    boats.putSync("not kept", 1, 1);
    return ABORT;
  });
  for (let i = 0; i < 3; i++) await crews.put(`secret-sailor-${i}`, { berth: i });
  crews.get("secret-sailor-1");
  try {
    boats.get(undefined);
  } catch {
    // Counted by its error type.
  }

  // Writes whose version is another one by then.
  const [first, second] = await Promise.all([
    boats.ifVersion("anchor", 1, () => boats.put("anchor", "secret-chain", 2)),
    boats.ifVersion("anchor", 1, () => boats.put("anchor", "other", 3)),
  ]);
  if (!first || second) throw new Error("another outcome");

  const view = boats.useReadTransaction();
  boats.putSync("later", 1, 1);
  if (boats.get("later", { transaction: view }) !== undefined) throw new Error("not a snapshot");
  const names = [...boats.getKeys({ transaction: view })];
  if (names.length !== 3) throw new Error(`${names.length} other records`);
  view.done();
  mkdirSync(join(folder, "copy"));
  await root.backup(join(folder, "copy"), true);

  // Another decoder takes its time.
  const slow = root.openDB("slow", {
    encoder: {
      encode: (value) => Buffer.from(value),
      decode() {
        const end = performance.now() + 120;
        while (performance.now() < end);
      },
    },
  });
  slow.putSync("secret-weight", "heavy");
  slow.get("secret-weight");
  await Promise.all([crews.close(), root.close()]);
  return {
    system: "lmdb",
    namespace: "fleet",
    operations: {
      "get boats": 4,
      "put boats": 6,
      "put crews": 3,
      "get crews": 1,
      "putSync boats": 2,
      "getKeys boats": 1,
    },
    failure: { summary: "get boats", type: "Error" },
    slow: { summary: "get slow", isAsynchronous: false },
    transactions: { commit: 3, rollback: 2, conflict: 1 },
    flushes: 0,
    checkpoints: 0,
    snapshots: 2,
    compactions: 0,
    searches: 0,
    results: 0,
    secrets: ["secret-bowline", "secret-sailor", "secret-chain", "secret-weight", "heavy"],
  };
}
