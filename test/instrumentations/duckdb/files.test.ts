import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect } from "chai";
import { describe, it } from "mocha";
import { openDatabases } from "../../../src/instrument/open-instances.ts";
import { eventually } from "../../helpers/eventually.ts";
import { count, seriesWith, spansDuring, withoutStatements } from "../../helpers/observed.ts";
import { temporaryFolder } from "../../helpers/temp.ts";
import { duckdb, failing, open, runsOf, transactionsOf, valuesOf } from "./duckdb.ts";

const checkpointsOf = (namespace: string): Promise<Record<string, number>> =>
  valuesOf(namespace, "storage.checkpoints", "storage.checkpoint.trigger", "storage.measurement", "error.type").then(
    (values) => Object.fromEntries(Object.entries(values).map(([key, value]) => [key.trim(), value])),
  );

const healthOf = (namespace: string) =>
  Array.from(openDatabases()).find(({ database }) => database.attributes["db.namespace"] === namespace);

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

describe("the log of DuckDB", () => {
  it("is as long as its file, and ends with a checkpoint", async () => {
    const { connection, path, namespace } = await open();
    await connection.run("CREATE TABLE t (a INTEGER)");
    const size = statSync(`${path}.wal`).size;
    expect(size).to.be.above(0);
    expect(await valuesOf(namespace, "storage.wal.size")).to.deep.equal({ "": size });
    expect(healthOf(namespace)!.waiting()).to.equal(size);
    expect(await valuesOf(namespace, "storage.space.usage", "storage.file.type")).to.deep.equal({
      table: statSync(path).size,
      wal: size,
    });
    const spans = await spansDuring(() => connection.run("CHECKPOINT"));
    expect(withoutStatements(spans).map(({ name }) => name)).to.include(`checkpoint ${namespace}`);
    await connection.run("FORCE CHECKPOINT");
    await failing(connection.run("BEGIN; INSERT INTO t VALUES (1)"));
    await failing(connection.run("CHECKPOINT"));
    await connection.run("ROLLBACK");
    expect(await checkpointsOf(namespace)).to.deep.equal({ manual: 2, "manual  TransactionContextError": 1 });
    expect(await count("storage.checkpoint.duration", { "db.namespace": namespace })).to.equal(3);
    expect(healthOf(namespace)!.waiting()).to.equal(0);
  });

  it("shrinks by the checkpoints of commits, of whichever connection", async () => {
    const { instance, connection, path, namespace } = await open();
    const other = await instance.connect();
    await connection.run("CREATE TABLE t (a INTEGER)");
    await connection.run("SET wal_autocheckpoint = '2KB'");
    let seen = 0;
    for (let i = 0, before = statSync(`${path}.wal`).size; i < 100; i++) {
      await (i % 2 === 0 ? connection : other).run("INSERT INTO t VALUES ($1)", [i]);
      const after = statSync(`${path}.wal`, { throwIfNoEntry: false })?.size ?? 0;
      if (after < before) seen++;
      before = after;
    }
    // One that a commit larger than the limit causes without a log before it.
    await connection.run("CHECKPOINT");
    await connection.run("INSERT INTO t SELECT range FROM range(3000)");
    if (statSync(`${path}.wal`, { throwIfNoEntry: false }) === undefined) seen++;
    other.closeSync();
    expect(seen).to.be.above(1);
    expect(await checkpointsOf(namespace)).to.deep.equal({ "auto estimated": seen, manual: 1 });
  });

  it("is checkpointed when the last connection is closed", async () => {
    const { instance, connection, path, namespace } = await open();
    await connection.run("CREATE TABLE t (a INTEGER)");
    instance.closeSync();
    connection.closeSync();
    expect(statSync(`${path}.wal`, { throwIfNoEntry: false })).to.equal(undefined);
    expect(await checkpointsOf(namespace)).to.deep.equal({ shutdown: 1 });
    expect(await valuesOf(namespace, "storage.wal.size")).to.deep.equal({});
    expect(healthOf(namespace)).to.equal(undefined);
  });

  it("is none of a database in memory, and of one that is read only", async () => {
    const { instance, connection, path, namespace } = await open();
    await connection.run("CREATE TABLE t (a INTEGER)");
    connection.closeSync();
    instance.closeSync();
    const again = await duckdb.DuckDBInstance.create(path, { access_mode: "READ_ONLY" });
    const reading = await again.connect();
    await reading.run("FROM t");
    expect(healthOf(namespace)).to.include({ isReadOnly: true, isWritten: false, connections: 1 });
    reading.closeSync();
    again.closeSync();
    expect(await checkpointsOf(namespace)).to.deep.equal({ shutdown: 1 });
    const memory = await duckdb.DuckDBInstance.create();
    const there = await memory.connect();
    await there.run("CREATE TABLE t (a INTEGER)");
    await there.run("CHECKPOINT");
    const metrics = (await seriesWith({ "db.namespace": "memory", "db.system.name": "duckdb" })).map(
      ({ metric }) => metric,
    );
    expect(metrics.filter((metric) => /wal|checkpoint|space/.test(metric))).to.deep.equal([]);
    there.closeSync();
    memory.closeSync();
  });
});

describe("copies of a database of DuckDB", () => {
  it("are snapshots", async () => {
    const { connection, namespace } = await open();
    const folder = temporaryFolder();
    await connection.run("CREATE TABLE t AS SELECT 1 AS one");
    const spans = await spansDuring(async () => {
      await connection.run(`EXPORT DATABASE '${join(folder, "secret")}'`);
      await connection.run(`ATTACH '${join(folder, "secret.duckdb")}' AS other`);
      await connection.run(`COPY FROM DATABASE ${namespace} TO other`);
      await failing(connection.run("EXPORT DATABASE '/proc/nope'"));
    });
    expect(await valuesOf(namespace, "storage.snapshot.duration", "storage.snapshot.type", "error.type")).to.deep.equal(
      { "export ": 1, "compacting_backup ": 1, "export IOError": 1 },
    );
    const found = withoutStatements(spans).filter(({ name }) => name === `snapshot ${namespace}`);
    expect(found).to.have.length(3);
    expect(JSON.stringify(found.map(({ attributes }) => attributes))).to.not.contain("secret");
  });
});

describe("a database of DuckDB", () => {
  it("tells of its health", async () => {
    const { connection, path, namespace } = await open();
    const health = healthOf(namespace)!;
    expect(health).to.deep.include({ isWritten: false, isReadOnly: false, connections: 1 });
    expect(health.files).to.deep.equal({ table: path, wal: `${path}.wal` });
    expect([health.isInPlace(), health.recovery(), health.version()]).to.deep.equal([true, "done", duckdb.version()]);
    await connection.run("CREATE TABLE t (a INTEGER)");
    expect([health.isWritten, health.commits!()]).to.deep.equal([true, 1]);
    const kinds = ["IOError", "TransactionContextError", "ConstraintError"].map((type) => health.failureKind(type));
    expect(kinds).to.deep.equal(["storage", "contention", "application"]);
  });

  it("of the cache is one, until all have closed it", async () => {
    const path = join(temporaryFolder(), "of_the_cache");
    const instances = [await duckdb.DuckDBInstance.fromCache(path), await duckdb.DuckDBInstance.fromCache(path)];
    const connections = await Promise.all(instances.map((instance) => instance.connect()));
    for (const [i, connection] of connections.entries()) await connection.run(`CREATE TABLE t${i} (a INTEGER)`);
    expect(healthOf("of_the_cache")!.connections).to.equal(2);
    expect(await runsOf("of_the_cache")).to.deep.equal({ OPEN: 1, "CREATE TABLE": 2 });
    instances[0]!.closeSync();
    connections[0]!.closeSync();
    expect(healthOf("of_the_cache")!.connections).to.equal(1);
    connections[1]!.closeSync();
    instances[1]!.closeSync();
    expect(healthOf("of_the_cache")).to.equal(undefined);
    expect(await checkpointsOf("of_the_cache")).to.deep.equal({ shutdown: 1 });
    const again = await duckdb.DuckDBInstance.fromCache(path);
    expect(await runsOf("of_the_cache")).to.include({ OPEN: 2 });
    again.closeSync();
  });

  it("that the application loses ends with its objects", async () => {
    const path = join(temporaryFolder(), "lost");
    await (async () => {
      const connection = await (await duckdb.DuckDBInstance.create(path)).connect();
      await connection.run("CREATE TABLE t (a INTEGER)");
      await connection.run("BEGIN");
    })();
    await eventually(() => {
      gc();
      return healthOf("lost") === undefined;
    });
    expect(await transactionsOf("lost")).to.deep.equal({ "autocommit commit": 1, "optimistic rollback": 1 });
  });

  it("that is none is an operation that fails, and leaves nothing behind", async () => {
    const path = join(temporaryFolder(), "corrupt");
    writeFileSync(path, "no database ".repeat(1_000));
    await failing(duckdb.DuckDBInstance.create(path));
    expect(await runsOf("corrupt")).to.deep.equal({ "OPEN IOError": 1 });
    expect(healthOf("corrupt")).to.equal(undefined);
    expect(readFileSync(path, "utf8")).to.match(/^(?:no database )+$/);
  });

  it("has no name of a file elsewhere", async () => {
    const offline = { autoinstall_known_extensions: "false", autoload_known_extensions: "false" };
    await failing(duckdb.DuckDBInstance.create("md:secret", offline));
    expect(Object.keys(await runsOf("md"))).to.match(/^OPEN \w+Error$/);
  });
});
