import { join } from "node:path";
import type * as Package from "@duckdb/node-api";
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { duckdb } from "../../../instrumentations/duckdb/index.ts";
import { testEngine } from "../../conformance/engine.ts";
import { temporaryFolder } from "../../helpers/temp.ts";

type Module = typeof Package;

interface Opened {
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
  readonly folder: string;
}

async function filled({ DuckDBInstance }: Module, name = "kv"): Promise<Opened> {
  const folder = temporaryFolder();
  const instance = await DuckDBInstance.create(join(folder, name));
  const connection = await instance.connect();
  await connection.run("CREATE TABLE kv (k TEXT PRIMARY KEY, v INTEGER)");
  await connection.run("INSERT INTO kv VALUES ('a', 1), ('b', 2), ('c', 3)");
  return { instance, connection, folder };
}

/** An exercise on a database that is closed afterwards. */
const on =
  (code: (connection: DuckDBConnection, opened: Opened) => unknown) =>
  async (module: Module): Promise<unknown> => {
    const opened = await filled(module);
    try {
      return await code(opened.connection, opened);
    } finally {
      opened.connection.closeSync();
      opened.instance.closeSync();
    }
  };

/** What is visible of a failure, without the path of a folder, which differs between runs. */
const failure = async (code: () => unknown): Promise<unknown> => {
  try {
    return await code();
  } catch (error) {
    const { name, message, stack } = error as Error;
    return [name, message.replace(/"[^"]*\/[^"]*"/g, "PATH"), /instrumentations|stratascope/.test(stack!)];
  }
};

const rowsOf = async (connection: DuckDBConnection): Promise<unknown> =>
  (await connection.runAndReadAll("SELECT * FROM kv ORDER BY k")).getRowsJson();

const BAD = ["SELEC 1", "SELECT * FROM nope", "SELECT 'a'::INTEGER", "", "INSERT INTO kv VALUES ('a', 1)", "COMMIT"];

testEngine<Module>(duckdb, {
  observedObjects: ({
    DuckDBInstance,
    DuckDBInstanceCache,
    DuckDBConnection,
    DuckDBPreparedStatement,
    DuckDBExtractedStatements,
    DuckDBPendingResult,
    DuckDBResult,
    DuckDBAppender,
  }) => [
    DuckDBInstance,
    DuckDBInstance.prototype,
    DuckDBInstanceCache.prototype,
    DuckDBConnection.prototype,
    DuckDBPreparedStatement.prototype,
    DuckDBExtractedStatements.prototype,
    DuckDBPendingResult.prototype,
    DuckDBResult.prototype,
    DuckDBAppender.prototype,
  ],
  async throwing(module, error) {
    const { connection } = await filled(module);
    const values = {
      get a() {
        throw error;
      },
    };
    await connection.run("SELECT $a", values as never);
  },
  async perform(module, name, operations) {
    const instance = await module.DuckDBInstance.create(join(temporaryFolder(), name));
    const connection = await instance.connect();
    for (let i = 0; i < operations; i++) await connection.run("SELECT 1");
    connection.closeSync();
    instance.closeSync();
  },
  exercises: {
    run: on(async (connection) => {
      const result = await connection.run("SELECT k FROM kv WHERE v > $1 ORDER BY k", [1]);
      return [result.constructor.name, result.statementType, result.rowCount, await result.getRowsJson()];
    }),
    "run with values": on(async (connection) => [
      (await connection.run("INSERT INTO kv VALUES ($k, $v)", { k: "d", v: 4 })).rowsChanged,
      await rowsOf(connection),
    ]),
    "run of several": on(async (connection) => {
      const result = await connection.run("DELETE FROM kv WHERE k = 'a'; SELECT count(*) FROM kv WHERE v > $1", [0]);
      return [await result.getRowsJson(), await rowsOf(connection)];
    }),
    "run and read": on(async (connection) => {
      const readers = [
        await connection.runAndRead("FROM kv"),
        await connection.runAndReadAll("FROM kv"),
        await connection.runAndReadUntil("FROM range(5000)", 10),
      ];
      return readers.map(({ done, currentRowCount }) => [done, currentRowCount]);
    }),
    stream: on(async (connection) => {
      const result = await connection.stream("SELECT * FROM range(5000)");
      const sizes = [];
      for await (const chunk of result) sizes.push(chunk.rowCount);
      return [result.constructor.name, result.isStreaming, sizes, await result.fetchChunk()];
    }),
    "stream and read": on(async (connection) => {
      const readers = [
        await connection.streamAndReadAll("FROM range(5000)"),
        await connection.streamAndReadUntil("FROM range(5000)", 10),
        await connection.streamAndReadAll("INSERT INTO kv VALUES ('e', 5)"),
      ];
      return readers.map(({ done, currentRowCount, rowsChanged }) => [done, currentRowCount, rowsChanged]);
    }),
    "a stream that another statement ends": on(async (connection) => {
      const result = await connection.stream("FROM range(50000)");
      const first = await result.fetchChunk();
      await connection.run("SELECT 1");
      return [first!.rowCount, (await result.fetchChunk())?.rowCount];
    }),
    start: on(async (connection) => {
      const pending = await connection.start("SELECT count(*) FROM range(100000) WHERE range % $1 = 0", [7]);
      await pending.runAllTasks();
      const result = await pending.getResult();
      return [pending.constructor.name, await result.getRowsJson(), await failure(() => pending.getResult())];
    }),
    "start of a stream": on(async (connection) => {
      const pending = await connection.startStream("FROM range(5000)");
      return (await pending.readAll()).currentRowCount;
    }),
    "start and read": on(async (connection) => [
      (await connection.startThenReadAll("FROM kv")).currentRowCount,
      (await connection.startStreamThenReadUntil("FROM range(5000)", 10)).currentRowCount,
    ]),
    "start of what fails": on(async (connection) => {
      const pending = await connection.start("SELECT error('mine')");
      return [await failure(() => pending.runAllTasks()), await failure(() => pending.getResult())];
    }),
    prepare: on(async (connection) => {
      const prepared = await connection.prepare("SELECT v FROM kv WHERE k = $1");
      const rows = [];
      for (const key of ["a", "z", "c"]) {
        prepared.bindVarchar(1, key);
        rows.push((await prepared.runAndReadAll()).getRowsJson());
      }
      rows.push((await prepared.streamAndReadAll()).getRowsJson(), (await prepared.start().readAll()).getRowsJson());
      const { statementType, parameterCount } = prepared;
      prepared.destroySync();
      return [rows, statementType, parameterCount, await failure(() => prepared.run())];
    }),
    "prepare without values": on(async (connection) =>
      failure(async () => (await connection.prepare("SELECT $1, $2")).run()),
    ),
    extractStatements: on(async (connection) => {
      const extracted = await connection.extractStatements("SELECT 1; PIVOT kv ON k; SELECT 2 AS two");
      const results = [];
      for (let i = 0; i < extracted.count; i++) results.push((await (await extracted.prepare(i)).run()).columnNames());
      return [extracted.count, results];
    }),
    transactions: on(async (connection, { instance }) => {
      const other = await instance.connect();
      await connection.run("BEGIN");
      await other.run("BEGIN TRANSACTION READ ONLY");
      const outcomes = [
        await failure(() => other.run("DELETE FROM kv")),
        await failure(() => other.run("SELECT 1")),
        (await other.run("ROLLBACK")).statementType,
        (await connection.run("DELETE FROM kv WHERE k = 'a'")).rowsChanged,
        await failure(() => other.run("UPDATE kv SET v = 9 WHERE k = 'a'")),
        await failure(() => connection.run("BEGIN")),
        await failure(() => connection.run("COMMIT")),
        await rowsOf(connection),
      ];
      other.closeSync();
      return outcomes;
    }),
    "what fails": on(async (connection) => {
      const failures = [];
      for (const sql of BAD) {
        failures.push(await failure(() => connection.run(sql)), await failure(() => connection.prepare(sql)));
        failures.push(await failure(() => connection.runAndReadAll("SELECT $1::INTEGER; SELECT 2", ["x"])));
        failures.push(await failure(() => connection.run("SELECT $a", { b: 1 })));
      }
      return failures;
    }),
    "what is not SQL": on(async (connection) => {
      const sqls = [undefined, null, 7, {}, Symbol("s")] as never[];
      return Promise.all(sqls.map((sql) => failure(() => connection.run(sql))));
    }),
    interrupt: on(async (connection) => {
      const running = connection.run("SELECT count(*) FROM range(100000000000)");
      setTimeout(() => connection.interrupt(), 20);
      return failure(() => running);
    }),
    appender: on(async (connection) => {
      const appender = await connection.createAppender("kv");
      for (const [k, v] of [["x", 7] as const, ["y", 8] as const]) {
        appender.appendVarchar(k);
        appender.appendInteger(v);
        appender.endRow();
      }
      const before = [appender.columnCount, appender.flushSync()];
      appender.appendVarchar("z");
      appender.appendNull();
      return [before, appender.endRow(), appender.closeSync(), await rowsOf(connection)];
    }),
    "appender of a duplicate": on(async (connection) => {
      const appender = await connection.createAppender("kv");
      appender.appendVarchar("a");
      appender.appendInteger(1);
      appender.endRow();
      return [await failure(() => appender.flushSync()), await failure(() => appender.endRow())];
    }),
    "appender of no table": on((connection) => failure(() => connection.createAppender("nope"))),
    "files and other databases": on(async (connection, { folder }) => {
      await connection.run(`COPY kv TO '${join(folder, "kv.csv")}'`);
      const changed = [(await connection.run(`COPY kv FROM '${join(folder, "kv.csv")}'`).catch(String)) as unknown];
      await connection.run(`ATTACH '${join(folder, "other")}' AS other`);
      await connection.run("COPY FROM DATABASE kv TO other");
      await connection.run("USE other");
      changed.push(await rowsOf(connection), (await connection.run("CHECKPOINT")).rowCount);
      await connection.run("USE kv");
      await connection.run("DETACH other");
      await connection.run(`EXPORT DATABASE '${join(folder, "export")}'`);
      return changed;
    }),
    "an instance of the cache": async ({ DuckDBInstance }) => {
      const path = join(temporaryFolder(), "cached");
      const [a, b] = [await DuckDBInstance.fromCache(path), await DuckDBInstance.fromCache(path)];
      const connections = [await a.connect(), await b.connect()];
      await connections[0]!.run("CREATE TABLE t AS SELECT 1 AS one");
      a.closeSync();
      const rows = (await connections[1]!.runAndReadAll("FROM t")).getRowsJson();
      for (const each of connections) each.closeSync();
      b.closeSync();
      return [a === b, rows];
    },
    "a database in memory": async ({ DuckDBInstance, DuckDBConnection }) => {
      const instance = await DuckDBInstance.create();
      const connection = await DuckDBConnection.create(instance);
      await connection.run("CREATE TABLE t (i INTEGER); INSERT INTO t VALUES (1), (2)");
      return (await connection.run("CHECKPOINT; SELECT sum(i)::INTEGER FROM t")).getRowsJson();
    },
    "what is closed": async (module) => {
      const { instance, connection } = await filled(module);
      const stream = await connection.stream("FROM range(50000)");
      // While a query runs, this can end the process.
      connection.closeSync();
      const outcomes = [
        await failure(async () => (await stream.fetchChunk())?.rowCount),
        await failure(() => connection.run("SELECT 1")),
        await failure(() => connection.prepare("SELECT 1")),
        await failure(() => connection.createAppender("kv")),
        await failure(() => connection.closeSync()),
        instance.closeSync(),
        await failure(() => instance.connect()),
        await failure(() => instance.closeSync()),
      ];
      return outcomes;
    },
    "a database that is none": ({ DuckDBInstance }) => failure(() => DuckDBInstance.create(import.meta.filename)),
    "a configuration that is none": ({ DuckDBInstance }) =>
      failure(() => DuckDBInstance.create(":memory:", { nope: "1" })),
    "a method called on something else": ({ DuckDBConnection }) =>
      failure(() => (DuckDBConnection.prototype.run as (sql: string) => unknown).call({}, "SELECT 1")),
    "a subclass": async (module) => {
      class Mine extends module.DuckDBConnection {
        override async run(): Promise<never> {
          return "mine" as never;
        }
      }
      const { connection } = await filled(module);
      const mine = new Mine((connection as unknown as { connection: never }).connection);
      return [await mine.run(), mine instanceof module.DuckDBConnection];
    },
  },
});
