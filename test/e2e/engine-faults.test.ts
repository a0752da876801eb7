import { expect } from "chai";
import { describe, it } from "mocha";
import { App } from "../helpers/app.ts";
import { needs } from "../helpers/drivers.ts";
import { receiving } from "../helpers/receiver.ts";
import { runTwice } from "../helpers/twice.ts";

/** Programs that use an engine in ways that nobody should, with the scenarios of each process. */
const PROGRAMS: readonly (readonly [name: string, file: string, scenarios: readonly string[], engine?: string])[] = [
  ["classic-level", "level.cjs", ["objects", "errors", "unhandled", "events", "contexts", "closing", "subclasses"]],
  ["classic-level with many names", "level.cjs", ["names", "thousands"]],
  ["classic-level 2", "level.cjs", ["objects", "errors", "events", "closing"], "classic-level-2"],
  ["level", "level.cjs", ["objects", "events"], "level"],
  ["lmdb", "lmdb.cjs", ["objects", "options", "closed", "contexts", "unhandled", "closing", "subclasses"]],
  ["lmdb with many names", "lmdb.cjs", ["names", "thousands"]],
  ["lmdb with errors", "lmdb.cjs", ["errors"]],
  ["rocksdb-native", "rocksdb.cjs", ["objects", "errors", "closing"]],
  ["duckdb", "sql.cjs", ["duckdb"]],
  ["sqlite3", "sql.cjs", ["sqlite3"]],
  ["libsql", "sql.cjs", ["libsql"]],
  ["search in memory", "indexes.cjs", ["minisearch", "flexsearch", "orama"]],
  ["vectors in memory", "indexes.cjs", ["hnswlib", "usearch"]],
  ["caches", "caches.cjs", ["objects", "lru", "keyv", "cacheable", "thousands"]],
];

describe("an application that ends by an exception", () => {
  const app = new App("engine-faults");
  const receiver = receiving();

  it("does so although its engine is polled then, and cannot be asked any more", async () => {
    // With a spool, the last metrics are collected at the end.
    await runTwice(app, "throws.cjs", { env: { ...receiver.env, OTEL_LOG_LEVEL: "none" } });
  });
});

describe("an application that uses an engine in odd ways", () => {
  const app = new App("engine-faults");

  for (const [name, file, scenarios, engine = "classic-level"] of PROGRAMS)
    it(`sees the same with and without stratascope: ${name}`, async function () {
      if (scenarios.includes("sqlite3")) await needs("sqlite3", this);
      if (scenarios.includes("hnswlib")) await needs("hnswlib-node", this);
      const { stdout } = await runTwice(app, file, {
        args: scenarios,
        env: { FAULTS_PACKAGE: engine, FAULTS_NAME: name, OTEL_LOG_LEVEL: "none" },
      });
      expect(stdout).to.match(/## end\n$/);
    });
});
