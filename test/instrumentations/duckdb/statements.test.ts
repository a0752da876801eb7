import { expect } from "chai";
import { describe, it } from "mocha";
import { count, spansDuring } from "../../helpers/observed.ts";
import { duckdb, failing, open, runsOf, valuesOf } from "./duckdb.ts";

const rowsOf = (namespace: string): Promise<Record<string, number>> =>
  valuesOf(namespace, "storage.operation.records", "db.query.summary", "disk.io.direction");

describe("statements of DuckDB", () => {
  it("are counted once, by whichever method they run, with their rows", async () => {
    const { connection, namespace } = await open();
    await connection.run("CREATE TABLE t (a INTEGER, b TEXT)");
    await connection.run("INSERT INTO t SELECT range, 'b' FROM range(10)");
    await connection.run("INSERT INTO t VALUES ($1, $2)", [10, "b"]);
    await connection.runAndRead("FROM t");
    await connection.runAndReadAll("FROM t");
    await connection.runAndReadUntil("FROM t LIMIT $1", 2, [5]);
    await connection.stream("FROM t").then((result) => result.fetchAllChunks());
    await connection.streamAndReadAll("FROM t");
    await connection.streamAndReadUntil("FROM t", 2);
    await connection.startThenReadAll("FROM t");
    await connection.startStreamThenReadAll("FROM t");
    const pending = await connection.start("FROM t");
    await pending.readAll();
    await connection.run("UPDATE t SET b = 'c' WHERE a < 3 RETURNING a");
    expect(await runsOf(namespace)).to.deep.equal({
      OPEN: 1,
      "CREATE TABLE": 1,
      "INSERT t SELECT range": 1,
      "INSERT t": 1,
      "SELECT t": 9,
      "UPDATE t": 1,
    });
    await connection.run("SELECT 1");
    expect(await rowsOf(namespace)).to.deep.equal({
      "INSERT t SELECT range write": 10,
      "INSERT t write": 1,
      "SELECT t read": 8 * 11 + 5,
      "UPDATE t write": 3,
      "SELECT read": 1,
    });
  });

  it("that are prepared are counted by each run", async () => {
    const { connection, namespace } = await open();
    const prepared = await connection.prepare("SELECT $1::INTEGER FROM range(3)");
    for (let i = 0; i < 4; i++) {
      prepared.bindInteger(1, i);
      await prepared.run();
    }
    await prepared.streamAndReadAll();
    await prepared.start().getResult();
    const extracted = await connection.extractStatements("SELECT 1 FROM range(2); PIVOT range(3) ON range; SELECT 2");
    for (let i = 0; i < extracted.count; i++) await (await extracted.prepare(i)).run();
    expect(await runsOf(namespace)).to.deep.equal({
      OPEN: 1,
      PREPARE: 2 + extracted.count,
      "SELECT range": 6,
      // DuckDB replaces PIVOT by two statements: which ones is not known.
      CREATE: 1,
      SELECT: 3,
    });
  });

  it("of several in one text are a batch, whose last result has its rows", async () => {
    const { connection, namespace } = await open();
    await connection.run("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (2)");
    await connection.run("INSERT INTO t VALUES (3); INSERT INTO t VALUES ($1)", [4]);
    await connection.runAndReadAll("SELECT 1; FROM t");
    expect(await runsOf(namespace)).to.deep.equal({ OPEN: 1, BATCH: 1, "BATCH INSERT": 1, "BATCH SELECT": 1 });
    expect((await connection.runAndReadAll("FROM t")).currentRowCount).to.equal(4);
  });

  it("that fail are counted by DuckDB's type of the error, once, wherever it finds it", async () => {
    const { connection, namespace } = await open();
    await connection.run("CREATE TABLE t (a INTEGER PRIMARY KEY)");
    await connection.run("INSERT INTO t VALUES (1)");
    await failing(connection.run("SELEC secret"));
    await failing(connection.runAndReadAll("SELEC $1", [1]));
    await failing(connection.run("SELECT * FROM nope"));
    await failing(connection.run("SELECT $1::INTEGER", ["secret"]));
    await failing(connection.run("SELECT $a", { b: 1 }));
    await failing(connection.run("INSERT INTO t VALUES ($1)", [1]));
    await failing(connection.startThenReadAll("SELECT error('secret')"));
    await failing(connection.streamAndReadAll("SELECT error('secret' || range) FROM range(3)"));
    await failing(connection.prepare("SELECT * FROM nope"));
    const running = connection.run("SELECT count(*) FROM range(100000000000)");
    setTimeout(() => connection.interrupt(), 20);
    await failing(running);
    const { OPEN: _, "CREATE TABLE": _create, ...runs } = await runsOf(namespace);
    expect(runs).to.deep.equal({
      "OTHER ParserError": 2,
      "SELECT nope CatalogError": 1,
      "SELECT ConversionError": 1,
      "SELECT Error": 1,
      "INSERT t": 1,
      "INSERT t ConstraintError": 1,
      "SELECT InvalidInputError": 1,
      "SELECT range InvalidInputError": 1,
      "PREPARE CatalogError": 1,
      "SELECT range InterruptError": 1,
    });
  });

  it("that fail have a span without their values", async () => {
    const { connection } = await open();
    const spans = await spansDuring(() => failing(connection.run("SELECT 'secret'::INTEGER, $$secret$$, ['secret']")));
    const [failed] = spans.filter(({ name }) => name === "SELECT");
    expect(failed!.attributes).to.include({
      "db.query.text": "SELECT ?::INTEGER, ?, [?]",
      "error.type": "ConversionError",
    });
    expect(
      JSON.stringify(spans.map(({ name, attributes, events, status }) => [name, attributes, events, status])),
    ).to.not.contain("secret");
  });

  it("end a stream before them, and the stream is counted with what was read of it", async () => {
    const { connection, namespace } = await open();
    const left = await connection.stream("FROM range(50000)");
    const { rowCount } = (await left.fetchChunk())!;
    expect(await count("storage.iterator.active", { "db.namespace": namespace })).to.equal(1);
    await connection.run("SELECT 1");
    expect(await count("storage.iterator.active", { "db.namespace": namespace })).to.equal(0);
    expect((await rowsOf(namespace))["SELECT range read"]).to.equal(rowCount);
    const other = await connection.stream("FROM range(50000)");
    connection.closeSync();
    expect((await runsOf(namespace))["SELECT range"]).to.equal(2);
    await failing(other.fetchChunk());
  });

  it("leave a stream as it is if they are not run", async () => {
    const { connection, namespace } = await open();
    const stream = await connection.stream("FROM range(50000)");
    await stream.fetchChunk();
    await failing(connection.run("SELEC 1"));
    const rest = await stream.fetchAllChunks();
    const rows = rest.reduce((sum, { rowCount }) => sum + rowCount, 0);
    expect((await rowsOf(namespace))["SELECT range read"]).to.equal(2_048 + rows);
  });

  it("of one connection run at once, also streams, whose rows are those that arrive", async () => {
    const { connection, namespace } = await open();
    const reading = Array.from({ length: 5 }, () => connection.streamAndReadAll("FROM range(20000)"));
    const readers = await Promise.allSettled(reading);
    const arrived = readers.map((each) => (each.status === "fulfilled" ? each.value.currentRowCount : 0));
    const rows = arrived.reduce((sum, each) => sum + each, 0);
    expect((await rowsOf(namespace))["SELECT range read"]).to.equal(rows);
    const runs = Object.values(await runsOf(namespace)).reduce((sum, each) => sum + each, 0);
    expect(runs).to.equal(1 + reading.length);
  });

  it("of several connections run at once", async () => {
    const { instance, connection, namespace } = await open();
    await connection.run("CREATE TABLE t (a INTEGER)");
    const others = await Promise.all(Array.from({ length: 4 }, () => instance.connect()));
    await Promise.all(
      others.flatMap((other, i) =>
        Array.from({ length: 10 }, (_, j) => other.run("INSERT INTO t VALUES ($1)", [i * 10 + j])),
      ),
    );
    for (const other of others) other.closeSync();
    expect((await runsOf(namespace))["INSERT t"]).to.equal(40);
    expect((await rowsOf(namespace))["INSERT t write"]).to.equal(40);
  });
});

describe("an appender of DuckDB", () => {
  it("counts its rows when they are flushed", async () => {
    const { connection, namespace } = await open();
    await connection.run("CREATE TABLE t (a INTEGER)");
    const appender = await connection.createAppender("t");
    const append = (rows: number): void => {
      for (let i = 0; i < rows; i++) {
        appender.appendInteger(i);
        appender.endRow();
      }
    };
    append(5);
    appender.flushSync();
    appender.flushSync();
    append(3);
    const chunk = duckdb.DuckDBDataChunk.create([duckdb.INTEGER]);
    chunk.setRows([[1], [2]]);
    appender.appendDataChunk(chunk);
    appender.closeSync();
    expect((await runsOf(namespace))["APPEND t"]).to.equal(2);
    expect(await rowsOf(namespace)).to.deep.equal({ "APPEND t write": 10 });
    expect((await connection.runAndReadAll("FROM t")).currentRowCount).to.equal(10);
  });

  it("counts a failure", async () => {
    const { connection, namespace } = await open();
    await connection.run("CREATE TABLE t (a INTEGER PRIMARY KEY)");
    await failing(connection.createAppender("nope"));
    const appender = await connection.createAppender("t");
    for (const a of [1, 1]) {
      appender.appendInteger(a);
      appender.endRow();
    }
    expect(() => appender.closeSync()).to.throw(/^Failed to append/);
    const { "APPEND t AppendError": failed, "APPEND nope Error": missing } = await runsOf(namespace);
    expect([failed, missing]).to.deep.equal([1, 1]);
    expect(await rowsOf(namespace)).to.deep.equal({});
  });
});
