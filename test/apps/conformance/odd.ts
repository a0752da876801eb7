/**
 * A deliberately odd engine: asynchronous, two transactions at once, work in the background and some that is known
 * afterwards only, polled values that throw or never come, and errors that are no errors.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { database } from "stratascope/instrument";
import {
  ATTR_STORAGE_COMPACTION_TYPE,
  ATTR_STORAGE_LEVEL_NUMBER,
  KIND_STORAGE_COMPACTION,
  METRIC_STORAGE_LEVEL_FILE_COUNT,
} from "stratascope/semconv";

const LEVELED = { [ATTR_STORAGE_COMPACTION_TYPE]: "leveled" };

export async function exercise() {
  const db = database({
    system: "odd",
    namespace: "träumerei",
    errorType: (error) => {
      if (error === undefined) throw new Error("a mistake in the instrumentation");
      return "E_ODD";
    },
  });
  const get = db.operation("read", { name: "get" });
  const put = db.operation("write", { name: "put" });
  const sleepy = db.operation("read", { name: "sleep" });

  // Values reach the caller as they are.
  const value = Object.freeze({ secret: "secret-melody" });
  if (
    get.run(
      () => value,
      () => 1,
    ) !== value
  )
    throw new Error("another value");
  const promise = Promise.resolve(value);
  if (
    (await get.run(
      () => promise,
      () => 1,
    )) !== value
  )
    throw new Error("another value");
  const thrown = Symbol("no error");
  let caught: unknown;
  try {
    await get.run(async () => {
      throw thrown;
    });
  } catch (error) {
    caught = error;
  }
  if (caught !== thrown) throw new Error("another error");
  // A callback that does not end in the call, and one that reports twice.
  const late = get.begin();
  await sleep(1);
  late.succeeded(1);
  late.failed(new Error("again"));
  // What the author gives may throw.
  get.run(
    () => 1,
    () => {
      throw new Error("secret-melody");
    },
  );
  await sleepy.run(() => sleep(120));

  // Two transactions, one inside of the time of the other, each with operations after an `await`.
  const [first, second] = [db.transaction("optimistic"), db.transaction("optimistic")];
  await Promise.all([
    first.run(async () => {
      for (let i = 0; i < 3; i++) await put.run(() => sleep(2));
      first.committed();
    }),
    second.run(async () => {
      await put.run(() => sleep(3));
      second.conflicted("serialization", new Error("too late"));
    }),
  ]);
  first.rolledBack();

  // In the background, and afterwards.
  const compaction = db.begin(KIND_STORAGE_COMPACTION, { parent: "none", attributes: LEVELED });
  await sleep(2);
  compaction.end({ bytes: 100 });
  const now = BigInt(Date.now()) * 1_000_000n;
  db.completed(KIND_STORAGE_COMPACTION, { startUnixNanos: now - 5_000_000n, endUnixNanos: now, attributes: LEVELED });

  const metrics = [METRIC_STORAGE_LEVEL_FILE_COUNT];
  db.collect({ name: "levels", metrics, collect: (set) => set(metrics[0]!, 7, { [ATTR_STORAGE_LEVEL_NUMBER]: 0 }) });
  db.collect({
    name: "broken",
    metrics,
    collect() {
      throw new Error("secret-melody");
    },
  });
  db.collect({ name: "endless", metrics, collect: () => new Promise<void>(() => {}) });
  db.collect({ name: "rejected", metrics, collect: () => Promise.reject(new Error("secret-melody")) });
  return {
    system: "odd",
    namespace: "träumerei",
    operations: { get: 5, put: 4 },
    failure: { summary: "get", type: "E_ODD" },
    slow: { summary: "sleep", isAsynchronous: true },
    transactions: { commit: 1, conflict: 1 },
    flushes: 0,
    checkpoints: 0,
    snapshots: 0,
    compactions: 2,
    searches: 0,
    results: 0,
    mistakes: 1,
    secrets: ["secret-melody"],
  };
}
