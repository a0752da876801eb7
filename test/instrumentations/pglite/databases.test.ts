import { statSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { expect } from "chai";
import type * as Package from "@electric-sql/pglite";
import type { live as Live } from "@electric-sql/pglite/live";
import { after, before, describe, it } from "mocha";
import { openDatabases } from "../../../src/instrument/open-instances.ts";
import { eventually } from "../../helpers/eventually.ts";
import { count, seriesWith, spansDuring, withoutStatements } from "../../helpers/observed.ts";
import { emptyDump } from "../../helpers/pglite.ts";
import { temporaryFolder } from "../../helpers/temp.ts";

const require = createRequire(import.meta.url);
const { PGlite, protocol } = require("@electric-sql/pglite") as typeof Package;
const { live } = require("@electric-sql/pglite/live") as { readonly live: typeof Live };

const NAMESPACE = "databases_of_pglite";
const WITH = { "db.namespace": NAMESPACE };

/** Returns the counts of operations by their summaries, those of failed ones with the type of the error. */
async function operations(): Promise<Record<string, number>> {
  const series = (await seriesWith(WITH)).filter(({ metric }) => metric === "db.client.operation.duration");
  return Object.fromEntries(
    series.map(({ attributes, value }) => [
      [attributes["db.query.summary"], attributes["error.type"]].filter((each) => each !== undefined).join(" "),
      value,
    ]),
  );
}

/** Returns how many operations there were in some code, by their summaries. */
async function operationsIn(code: () => unknown): Promise<Record<string, number>> {
  const earlier = await operations();
  await code();
  const later = Object.entries(await operations()).map(
    ([name, value]) => [name, value - (earlier[name] ?? 0)] as const,
  );
  return Object.fromEntries(later.filter(([, value]) => value > 0));
}

describe("a database of pglite", () => {
  const folder = join(temporaryFolder(), NAMESPACE);
  let db: Package.PGlite & { live: { query: (text: string) => Promise<{ unsubscribe: () => Promise<void> }> } };

  before(async function () {
    this.timeout(60_000);
    const loadDataDir = await emptyDump();
    db = (await PGlite.create(folder, { loadDataDir, extensions: { live } })) as never;
    await db.exec("CREATE TABLE t (a INT PRIMARY KEY, b TEXT)");
  });
  after(async () => {
    if (!db.closed) await db.close();
  });

  it("counts each statement once, however it is run", async () => {
    expect(await operations()).to.deep.equal({ "open dump": 1, "CREATE TABLE": 1 });
    const counted = await operationsIn(async () => {
      await db.sql`SELECT ${1}::int`;
      await db.query("INSERT INTO t VALUES ($1, $2)", [1, "x"]);
      await db.exec("SELECT a FROM t; DELETE FROM t");
      await db.describeQuery("SELECT a FROM t");
      const unlisten = await db.listen("news", () => {});
      await unlisten();
      await db.exec("NOTIFY news");
      await db.transaction(async (tx) => {
        await tx.sql`INSERT INTO t VALUES (${2}, 'y')`;
        await tx.query("SELECT a FROM t");
        await tx.exec("UPDATE t SET b = 'z'");
      });
    });
    expect(counted).to.deep.equal({
      SELECT: 1,
      "INSERT t": 2,
      BATCH: 1,
      PREPARE: 1,
      LISTEN: 1,
      UNLISTEN: 1,
      NOTIFY: 1,
      BEGIN: 1,
      "SELECT t": 1,
      "UPDATE t": 1,
      COMMIT: 1,
    });
    const records = (await seriesWith(WITH)).filter(({ metric }) => metric === "storage.operation.records");
    expect(
      Object.fromEntries(records.map(({ attributes, value }) => [attributes["db.query.summary"], value])),
    ).to.include({
      "INSERT t": 2,
      "SELECT t": 1,
      "UPDATE t": 1,
    });
  });

  it("counts what the application sends by messages of its own", async () => {
    const { serialize } = protocol;
    const counted = await operationsIn(async () => {
      const named = serialize.parse({ name: "by key", text: "SELECT a FROM t WHERE a = $1", types: [] });
      await db.execProtocol(named);
      for (const value of ["2", "3"])
        for (const message of [
          serialize.bind({ statement: "by key", values: [value] }),
          serialize.execute({}),
          serialize.sync(),
        ])
          await db.execProtocolStream(message);
      await db.runExclusive(() => db.execProtocolRaw(serialize.query("BEGIN; DELETE FROM t WHERE a = 9; COMMIT")));
      await db.execProtocolRaw(serialize.query("SELECT nothing FROM nowhere"));
    });
    expect(counted).to.deep.equal({ "SELECT t": 2, BATCH: 1, "SELECT nowhere 42P01": 1 });
  });

  it("shows the wait for the connection to the span of the caller", async () => {
    const waited = { ...WITH, "storage.lock.type": "connection" };
    const earlier = await count("storage.lock.wait.duration", waited);
    const spans = await spansDuring(() =>
      Promise.all([1, 2, 3].map(() => db.query("SELECT pg_sleep(0.02), a FROM t LIMIT 1"))),
    );
    expect((await count("storage.lock.wait.duration", waited)) - earlier).to.equal(2);
    const request = spans.find(({ name }) => name === "request")!;
    const queries = spans.filter(({ name }) => name === "SELECT t");
    expect(queries).to.have.length(3);
    for (const { parentSpanContext } of queries)
      expect(parentSpanContext!.spanId).to.equal(request.spanContext().spanId);
    expect(request.attributes["storage.rollup.wait_time"]).to.be.within(
      0.055,
      request.attributes["storage.rollup.time"] as number,
    );
  });

  it("tells how each transaction ended", async () => {
    const ends: Readonly<Record<string, () => Promise<unknown>>> = {
      "commit 2": () => db.transaction(async (tx) => [await tx.query("SELECT 1"), await tx.exec("DELETE FROM t")]),
      "commit 0": () => db.transaction(async () => {}),
      "rollback 1": () => db.transaction(async (tx) => [await tx.query("SELECT 1"), await tx.rollback()]),
      "rollback 0": () => db.transaction(() => Promise.reject(new Error("mine"))),
      "error 1 22012": () => db.transaction((tx) => tx.query("SELECT 1 / 0")),
      "error 2 22012": () =>
        db.transaction(async (tx) => {
          await tx.query("SELECT 1 / 0").catch(() => {});
          await tx.query("SELECT 1").catch(() => {});
        }),
      "commit 3": async () => {
        await db.exec("BEGIN; SELECT 1");
        await db.exec("SAVEPOINT s");
        await db.query("SELECT 1 / 0").catch(() => {});
        await db.exec("ROLLBACK TO s");
        await db.query("SELECT 1");
        await db.query("COMMIT");
      },
      "commit 1": () => db.exec("BEGIN; SELECT 1; COMMIT"),
      "error 1 23505": async () => {
        await db.exec("CREATE TEMPORARY TABLE d (a INT UNIQUE DEFERRABLE INITIALLY DEFERRED)");
        await db.query("BEGIN");
        await db.query("INSERT INTO d VALUES (1), (1)");
        await db.query("COMMIT");
      },
    };
    for (const [end, code] of Object.entries(ends)) {
      const spans = withoutStatements(await spansDuring(() => code().catch(() => {})));
      const transactions = spans.filter(({ name }) => name === `transaction ${NAMESPACE}`);
      const shown = transactions.map(({ attributes }) =>
        ["storage.transaction.outcome", "storage.transaction.statements", "error.type"]
          .flatMap((name) => attributes[name] ?? [])
          .join(" "),
      );
      expect(shown, end).to.deep.equal([end]);
    }
    expect(await count("storage.transaction.active", WITH)).to.equal(0);
  });

  it("begins the next transaction with the end of one that is chained", async () => {
    await db.exec("BEGIN");
    await db.exec("COMMIT AND CHAIN");
    expect(await count("storage.transaction.active", WITH)).to.equal(1);
    await db.exec("ROLLBACK");
    expect(await count("storage.transaction.active", WITH)).to.equal(0);
  });

  it("counts the log as PostgreSQL does", async () => {
    const counted = async (): Promise<[records: number, bytes: number]> => [
      await count("storage.wal.records", WITH),
      await count("storage.file.io", { ...WITH, "storage.file.type": "wal" }),
    ];
    await db.exec("BEGIN");
    const earlier = await counted();
    const text = "EXPLAIN (ANALYZE, WAL, FORMAT JSON) INSERT INTO t SELECT n, 'x' FROM generate_series(1000, 1999) n";
    const [row] = (await db.query<{ "QUERY PLAN": { Plan: Record<string, number> }[] }>(text)).rows;
    const later = await counted();
    await db.exec("ROLLBACK");
    const plan = row!["QUERY PLAN"][0]!.Plan;
    expect([later[0] - earlier[0], later[1] - earlier[1]]).to.deep.equal([plan["WAL Records"], plan["WAL Bytes"]]);
    expect(plan["WAL Records"]).to.be.above(1_999);
  });

  it("keeps the live queries of its extension at work", async () => {
    const counted = await operationsIn(async () => {
      const { unsubscribe } = await db.live.query("SELECT a FROM t");
      await db.query("INSERT INTO t VALUES (77, 'live')");
      await unsubscribe();
    });
    expect(counted).to.include({ "INSERT t": 1 });
  });

  it("shows a stack as it is without us", async () => {
    setFlagsFromString("--stack-trace-limit=100");
    try {
      const error = await db.query("SELECT 1 / 0").catch((each: Error) => each);
      expect((error as Error).stack)
        .to.contain("execProtocolRawSync")
        .and.to.not.match(/instrumentations|stratascope\/src/);
    } finally {
      setFlagsFromString("--stack-trace-limit=10");
    }
  });

  it("reports the sizes of its files, and of its memory, as long as it is open", async () => {
    const sizes = async (): Promise<Record<string, number>> =>
      Object.fromEntries(
        (await seriesWith(WITH))
          .filter(({ metric }) => metric === "storage.space.usage")
          .map(({ attributes, value }) => [attributes["storage.file.type"], value]),
      );
    await eventually(async () => Object.keys(await sizes()).length === 3);
    const files = readdirSync(join(folder, "pg_wal"), { withFileTypes: true }).filter((each) => each.isFile());
    expect((await sizes())["wal"]).to.equal(
      files.reduce((sum, { name }) => sum + statSync(join(folder, "pg_wal", name)).size, 0),
    );
    expect(await count("storage.memory.usage", WITH)).to.be.above(100_000_000);
    expect(
      [...openDatabases()].filter(({ database }) => database.attributes["db.namespace"] === NAMESPACE),
    ).to.have.length(1);

    const waiting = [db.query("SELECT pg_sleep(0.01)"), db.exec("BEGIN"), db.close(), db.query("SELECT 1")];
    const ends = await Promise.allSettled(waiting);
    expect(ends.map(({ status }) => status)).to.deep.equal(["fulfilled", "fulfilled", "fulfilled", "rejected"]);
    expect(await sizes()).to.deep.equal({});
    expect(
      [...openDatabases()].filter(({ database }) => database.attributes["db.namespace"] === NAMESPACE),
    ).to.deep.equal([]);
    expect(await count("storage.transaction.active", WITH)).to.equal(0);
  });

  it("counts none of the work by which a new one is made", async function () {
    this.timeout(120_000);
    const fresh = await PGlite.create(join(temporaryFolder(), "fresh_of_pglite"));
    await fresh.query("SELECT 1");
    const copy = await fresh.clone();
    await fresh.close();
    await copy.close();
    const series = (await seriesWith({ "db.namespace": "fresh_of_pglite" })).filter(({ value }) => value > 0);
    const counted = series
      .filter(({ metric }) => /^(?:db\.client\.operation|storage\.snapshot)\.duration$/.test(metric))
      .map(({ attributes, value }) => [attributes["db.query.summary"] ?? attributes["storage.snapshot.type"], value]);
    expect(counted).to.have.deep.members([
      ["open", 1],
      ["SELECT", 1],
      ["serialize", 1],
    ]);
  });

  it("tells of one that cannot be opened", async () => {
    const path = "/stratascope-has-no-such-folder/unopened_of_pglite";
    await PGlite.create(path).catch(() => {});
    const failed = { "db.namespace": "unopened_of_pglite", "db.query.summary": "open", "error.type": "ENOENT" };
    expect(await count("db.client.operation.duration", failed)).to.equal(1);
  });
});
