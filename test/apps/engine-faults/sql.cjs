// Scenarios of DuckDB, PGlite, sqlite3 and libsql.
"use strict";
const { once } = require("node:events");
const { fresh, main, methods, say, storage, tell } = require("./lib.cjs");

Error.stackTraceLimit = 30;

const scenarios = {
  async duckdb() {
    const { DuckDBInstance } = require("@duckdb/node-api");
    const instance = await DuckDBInstance.create(fresh("a.duckdb"));
    const connection = await instance.connect();
    await tell("methods", () => methods(Object.getPrototypeOf(connection)).join("\n"));
    await tell("keys", () => [Object.keys(connection), Object.keys(instance)]);
    await tell("create", () =>
      connection.run("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)").then(({ rowsChanged }) => rowsChanged),
    );
    await tell("insert", () =>
      connection.run("INSERT INTO t VALUES (1, 'x'), (2, 'y')").then(({ rowsChanged }) => rowsChanged),
    );
    await tell("read", async () => (await connection.runAndReadAll("FROM t ORDER BY a")).getRows());
    await tell("syntax", () => connection.run("SELEC 1"));
    await tell("no table", () => connection.run("FROM nothing"));
    await tell("constraint", () => connection.run("INSERT INTO t VALUES (1, 'x')"));
    await tell("bad parameters", () => connection.run("SELECT $1"));
    await tell("bad value", () => connection.run("SELECT $1", [Symbol("s")]));
    await tell("nothing", () => connection.run(""));
    await tell("prepared", async () => {
      const statement = await connection.prepare("SELECT $1 + 1");
      statement.bindInteger(1, 5);
      const rows = (await statement.runAndReadAll()).getRows();
      statement.destroySync?.();
      return rows;
    });
    await tell("bad prepare", () => connection.prepare("SELEC"));
    await tell("stream", async () => {
      const result = await connection.stream("FROM range(5000)");
      let rows = 0;
      for (
        let chunk = await result.fetchChunk();
        chunk !== null && chunk.rowCount > 0;
        chunk = await result.fetchChunk()
      )
        rows += chunk.rowCount;
      return rows;
    });
    await tell("transaction", async () => {
      await connection.run("BEGIN");
      await tell("inside", () => connection.run("INSERT INTO t VALUES (1, 'again')"));
      await tell("aborted", () => connection.run("SELECT 1"));
      await connection.run("ROLLBACK");
    });
    await tell("appender", async () => {
      const appender = await connection.createAppender("t");
      appender.appendInteger(1);
      appender.appendVarchar("x");
      appender.endRow();
      appender.closeSync();
    });
    await tell("no appender", () => connection.createAppender("nothing"));
    await tell("two at once", async () =>
      (await Promise.all([connection.runAndReadAll("SELECT 1"), connection.runAndReadAll("SELECT 2")])).map((reader) =>
        reader.getRows(),
      ),
    );
    await tell("missing folder", () => DuckDBInstance.create("/nothing/there.duckdb"));
    await storage.run("here", async () => {
      await connection.run("SELECT 1");
      say(`ends in ${storage.getStore()}`);
    });
    connection.closeSync();
    await tell("closed", () => connection.run("SELECT 1"));
    await tell("closed again", () => connection.closeSync());
    instance.closeSync();
    await tell("connect closed", () => instance.connect());
  },

  async pglite() {
    const { PGlite } = require("@electric-sql/pglite");
    const db = await PGlite.create();
    await tell("methods", () => methods(Object.getPrototypeOf(db)).join("\n"));
    await tell("exec", () => db.exec("CREATE TABLE t (a INT PRIMARY KEY, b TEXT); INSERT INTO t VALUES (1, 'x')"));
    await tell("query", () => db.query("SELECT * FROM t WHERE a = $1", [1]));
    await tell("template", () => db.sql`SELECT ${1}::int + 1 AS n`);
    await tell("syntax", () => db.query("SELEC 1"));
    await tell("constraint", () => db.query("INSERT INTO t VALUES (1, 'x')"));
    await tell("bad parameters", () => db.query("SELECT $1::int", ["x"]));
    await tell("transaction throws", () =>
      db.transaction(async (tx) => {
        await tx.query("INSERT INTO t VALUES (2, 'y')");
        throw new RangeError("mine");
      }),
    );
    await tell("rolled back", () => db.transaction((tx) => tx.rollback()));
    await tell("rows", () => db.query("SELECT a FROM t"));
    await tell("listen", async () => {
      const stop = await db.listen("channel", (payload) => say(`heard ${payload}`));
      await db.query("NOTIFY channel, 'it'");
      await stop();
    });
    await tell("throws in a parser", () =>
      db.query("SELECT 1 AS n", [], {
        parsers: {
          23: () => {
            throw new RangeError("mine");
          },
        },
      }),
    );
    await storage.run("here", async () => {
      await db.query("SELECT 1");
      say(`ends in ${storage.getStore()}`);
    });
    await tell("close", () => db.close());
    await tell("closed", () => db.query("SELECT 1"));
    await tell("close again", () => db.close());
  },

  async sqlite3() {
    const sqlite3 = require("sqlite3");
    const db = new sqlite3.Database(fresh("a.sqlite3"));
    await once(db, "open");
    await tell("methods", () => methods(Object.getPrototypeOf(db)).join("\n"));
    await tell("inspect", () => db);
    const call = (method, ...args) =>
      tell(
        `${method} ${args[0]}`,
        () =>
          new Promise((resolve, reject) => {
            db[method](...args, function ended(error, result) {
              if (error) reject(error);
              else resolve([result, this?.changes, this?.lastID, storage.getStore()]);
            });
          }),
      );
    await call("exec", "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)");
    await call("run", "INSERT INTO t VALUES (?, ?)", [1, "x"]);
    await call("run", "INSERT INTO t VALUES (?, ?)", [1, "x"]);
    await call("get", "SELECT * FROM t");
    await call("all", "SELECT * FROM t");
    await call("get", "SELEC");
    await call("all", "FROM nothing");
    await call("exec", "SELEC");
    await call("run", "SELECT ?", { a: 1 });
    await tell("no callback", () => typeof db.get("SELECT 1"));
    await tell(
      "each",
      () =>
        new Promise((resolve) => {
          db.each(
            "SELECT 1 AS n UNION SELECT 2",
            (error, row) => say(`row ${row.n}`),
            (error, rows) => resolve(rows),
          );
        }),
    );
    await tell(
      "statement",
      () =>
        new Promise((resolve) => {
          const statement = db.prepare("SELECT ? AS n");
          statement.get(5, (error, row) => {
            say(`row ${row.n}`);
            statement.finalize(resolve);
          });
        }),
    );
    await tell("unheard", () => {
      const failed = new Promise((resolve) => db.prepare("SELEC").once("error", ({ code }) => resolve(code)));
      return failed;
    });
    await tell(
      "serialized",
      () =>
        db.serialize(() => {
          db.run("INSERT INTO t VALUES (2, 'y')");
        }) === db,
    );
    await tell(
      "close",
      () =>
        new Promise((resolve, reject) => {
          db.close((error) => (error ? reject(error) : resolve()));
        }),
    );
    await tell(
      "closed",
      () =>
        new Promise((resolve, reject) => {
          db.get("SELECT 1", (error) => (error ? reject(error) : resolve()));
        }),
    );
    await tell(
      "missing",
      () =>
        new Promise((resolve, reject) => {
          void new sqlite3.Database("/nothing/there", (error) => (error ? reject(error) : resolve()));
        }),
    );
  },

  async libsql() {
    const Database = require("libsql");
    const db = new Database(fresh("a.libsql"));
    await tell("methods", () => methods(Object.getPrototypeOf(db)).join("\n"));
    await tell("exec", () => db.exec("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)") && 1);
    await tell("run", () => db.prepare("INSERT INTO t VALUES (?, ?)").run(1, "x"));
    await tell("constraint", () => db.prepare("INSERT INTO t VALUES (?, ?)").run(1, "x"));
    await tell("get", () => db.prepare("SELECT * FROM t").get());
    await tell("all", () => db.prepare("SELECT * FROM t").all());
    await tell("iterate", () => [...db.prepare("SELECT * FROM t").iterate()]);
    await tell("syntax", () => db.prepare("SELEC"));
    await tell("no table", () => db.prepare("SELECT * FROM nothing"));
    await tell("bad value", () => db.prepare("SELECT ?").get(Symbol("s")));
    await tell("transaction throws", () =>
      db.transaction(() => {
        db.prepare("INSERT INTO t VALUES (2, 'y')").run();
        throw new RangeError("mine");
      })(),
    );
    await tell("rows", () => db.prepare("SELECT count(*) AS n FROM t").get());
    await tell("pragma", () => db.pragma("journal_mode"));
    await tell("missing", () => new Database("/nothing/there"));
    await tell("close", () => db.close());
    await tell("closed", () => db.prepare("SELECT 1").get());
  },
};

void main(scenarios);
