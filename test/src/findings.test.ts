import type BetterSqlite3 from "better-sqlite3";
import { trace, type Attributes } from "@opentelemetry/api";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { expect } from "chai";
import { describe, it } from "mocha";
import { databaseIdentity, Instance } from "../../src/recording/instance.ts";
import { RateLimit, EVENTS_A_MINUTE } from "../../src/runtime/rate-limit.ts";
import { Boundary, OperationKind } from "../../src/recording/operation-kind.ts";
import { Operation } from "../../src/instrument/operation.ts";
import { eventsOf, eventsSoFar } from "../helpers/events.ts";
import { copyOf, count, seriesWith, spansOf } from "../helpers/observed.ts";
import { unregisteredEvents } from "../helpers/registry.ts";

const Sqlite = copyOf<typeof BetterSqlite3>("better-sqlite3", true);

/** An operation of a database of its own, so that no other test's budget is spent. */
const operationIn = (namespace: string): Operation =>
  new Operation(new Instance(databaseIdentity("test", namespace)), {
    kind: OperationKind.READ,
    boundary: Boundary.NONE,
    statements: 1,
    name: "SELECT",
    collection: "words",
    summary: "SELECT words",
    text: () => "SELECT * FROM words WHERE word = ?",
  });

const MS = 1e6;
const names = (events: readonly ReadableLogRecord[]): unknown[] => events.map(({ eventName }) => eventName);
const registered = (events: readonly ReadableLogRecord[]): string[] =>
  unregisteredEvents(events.map(({ eventName, attributes }) => ({ eventName: eventName!, attributes })));

describe("a slow operation", () => {
  it("is reported from the threshold on, and not just below it", async () => {
    const operation = operationIn("slow_threshold");
    const below = eventsOf(() => operation.succeeded(100 * MS - 1, 1), { blockedMilliseconds: 0 });
    expect(below).to.deep.equal([]);
    const at = eventsOf(() => operation.succeeded(100 * MS, 1), { blockedMilliseconds: 0 });
    expect(names(at)).to.deep.equal(["storage.operation.slow"]);
    expect(await count("storage.operation.slow", { "db.namespace": "slow_threshold" })).to.equal(1);
  });

  it("is reported with its statement, its duration and its call site", () => {
    const [event] = eventsOf(() => operationIn("slow_attributes").succeeded(235 * MS, 7));
    const { "code.line.number": line, "code.function.name": _, ...attributes } = event!.attributes as Attributes;
    expect(attributes).to.deep.equal({
      "db.system.name": "test",
      "db.namespace": "slow_attributes",
      "db.operation.name": "SELECT",
      "db.collection.name": "words",
      "db.query.summary": "SELECT words",
      "db.query.text": "SELECT * FROM words WHERE word = ?",
      "db.response.returned_rows": 7,
      "storage.operation.time": 0.235,
      "storage.operation.blocked_time": 0.235,
      "storage.slow.threshold": 0.1,
      "code.file.path": "test/src/findings.test.ts",
    });
    expect(line).to.be.a("number");
    expect(event).to.include({ severityText: "WARN", body: "SELECT words took 235 ms" });
    expect(registered([event!])).to.deep.equal([]);
  });

  it("is reported when it failed, with only the type of the error", () => {
    const error = Object.assign(new Error("SECRET"), { code: "SQLITE_BUSY" });
    const [event] = eventsOf(() => operationIn("slow_failed").failed(5_000 * MS, error));
    expect(event!.attributes).to.include({ "error.type": "SQLITE_BUSY" });
    expect(event!.attributes).to.not.have.property("db.response.returned_rows");
    expect(JSON.stringify([event!.attributes, event!.body])).to.not.contain("SECRET");
  });

  it("is reported in the context of the span it ran in", () => {
    let events: ReadableLogRecord[] = [];
    const spans = spansOf(() => {
      events = eventsOf(() => operationIn("slow_span").succeeded(100 * MS, 1));
    });
    expect(events[0]!.spanContext!.spanId).to.equal(spans.find(({ name }) => name === "request")!.spanContext().spanId);
  });

  it("is reported in the context of its transaction, including the commit", () => {
    const db = new Sqlite(":memory:");
    db.exec("CREATE TABLE kv (k)");
    let events: ReadableLogRecord[] = [];
    const spans = spansOf(() => {
      events = eventsOf(() => db.transaction(() => db.exec("INSERT INTO kv VALUES (1)"))(), {
        slowOperationMilliseconds: 0.000001,
      });
    });
    const transaction = spans.find(({ name }) => name.startsWith("transaction"))!.spanContext().spanId;
    const of = (summary: string): unknown =>
      events.find(({ attributes }) => attributes["db.query.summary"] === summary)?.spanContext?.spanId;
    expect([of("BATCH INSERT") ?? of("INSERT kv"), of("COMMIT")]).to.deep.equal([transaction, transaction]);
  });

  it("is not reported if the threshold is 0", () => {
    const off = { slowOperationMilliseconds: 0, blockedMilliseconds: 0 };
    expect(eventsOf(() => operationIn("slow_off").succeeded(1e12, 1), off)).to.deep.equal([]);
  });
});

describe("the plan of a slow operation", () => {
  /** A database in which `pause(ms)` takes its time, with the number of its runs. */
  function slowDatabase(): { db: BetterSqlite3.Database; runs: () => number } {
    const db = new Sqlite(":memory:");
    let runs = 0;
    db.function("pause", (ms) => {
      runs++;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms as number);
    });
    db.exec("CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT); INSERT INTO words (word) VALUES ('one')");
    db.exec("CREATE INDEX by_word ON words (word); CREATE VIRTUAL TABLE notes USING fts5(text)");
    db.exec("INSERT INTO notes VALUES ('one')");
    return { db, runs: () => runs };
  }
  const planOf = (event: ReadableLogRecord | undefined): unknown => event?.attributes["storage.query.plan"];
  const thresholds = { slowOperationMilliseconds: 20 };

  it("is read after it has run, without running it again", () => {
    const { db, runs } = slowDatabase();
    const [event, ...others] = eventsOf(
      () =>
        void db.prepare("SELECT pause(30) FROM words WHERE word = ? AND id IN (SELECT max(id) FROM words)").all("one"),
      thresholds,
    );
    expect(planOf(event)).to.deep.equal([
      "SEARCH words USING COVERING INDEX by_word (word=? AND rowid=?)",
      "LIST SUBQUERY 1",
      "  SEARCH words",
    ]);
    expect([runs(), others]).to.deep.equal([1, []]);
    expect(registered([event!])).to.deep.equal([]);
  });

  it("contains no search terms", () => {
    const { db } = slowDatabase();
    const [event] = eventsOf(
      () => void db.prepare("SELECT pause(30) FROM notes WHERE notes MATCH 'one'").all(),
      thresholds,
    );
    expect(planOf(event)).to.deep.equal(["SCAN notes VIRTUAL TABLE INDEX 0"]);
  });

  it("is read after the end of the transaction, which delays the event", () => {
    const { db } = slowDatabase();
    const slow = db.prepare("SELECT pause(30) FROM words");
    let during: ReadableLogRecord[] = [];
    const events = eventsOf(() => {
      db.exec("BEGIN");
      slow.all();
      during = eventsSoFar();
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
      db.exec("COMMIT");
    }, thresholds);
    expect(during).to.deep.equal([]);
    expect(events.map(planOf)).to.deep.equal([["SCAN words"]]);
    const [{ hrTime, hrTimeObserved }] = events as [ReadableLogRecord];
    const waited = (hrTimeObserved[0] - hrTime[0]) * 1e3 + (hrTimeObserved[1] - hrTime[1]) / 1e6;
    expect(waited).to.be.within(45, 5_000);
  });

  it("is not read for a statement that changes data, which would reset SQLite's change count", () => {
    const { db } = slowDatabase();
    const [event] = eventsOf(
      () => void db.prepare("INSERT INTO words (word) SELECT pause(30) FROM words").run(),
      thresholds,
    );
    expect([event?.eventName, planOf(event)]).to.deep.equal(["storage.operation.slow", undefined]);
    expect(db.prepare("SELECT changes()").pluck().get()).to.equal(1);
  });

  it("is left out if the application would notice the query", () => {
    const db = new Sqlite(":memory:", { verbose: () => {} });
    const long =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) SELECT max(i) FROM n";
    const [event] = eventsOf(() => void db.prepare(long).get(), thresholds);
    expect(event?.eventName).to.equal("storage.operation.slow");
    expect(planOf(event)).to.equal(undefined);
  });
});

describe("a blocked event loop", () => {
  it("is reported from the threshold on, and not just below it", async () => {
    const operation = operationIn("blocked_threshold");
    expect(eventsOf(() => operation.succeeded(50 * MS - 1, 1))).to.deep.equal([]);
    const [event, ...others] = eventsOf(() => operation.succeeded(50 * MS, 1));
    expect(others).to.deep.equal([]);
    expect(event).to.include({
      eventName: "storage.eventloop.blocked",
      body: "SELECT words blocked the event loop for 50 ms",
    });
    expect(event!.attributes).to.include({ "storage.operation.blocked_time": 0.05, "storage.operation.time": 0.05 });
    expect(registered([event!])).to.deep.equal([]);
    expect(await count("storage.eventloop.blocked_time", { "db.namespace": "blocked_threshold" })).to.equal(0.05);
  });

  it("is one event with the slow operation that caused it, and still counted", async () => {
    const events = eventsOf(() => operationIn("blocked_slow").succeeded(200 * MS, 1));
    expect(names(events)).to.deep.equal(["storage.operation.slow"]);
    expect(await count("storage.eventloop.blocked_time", { "db.namespace": "blocked_slow" })).to.equal(0.2);
  });

  it("is not reported for an iteration in short steps of any total duration", () => {
    const pass = { start: 0n, blocked: 0 };
    expect(eventsOf(() => operationIn("blocked_pass").succeeded(99 * MS, 1, pass))).to.deep.equal([]);
    const [event] = eventsOf(() => operationIn("blocked_pass").succeeded(100 * MS, 1, pass));
    expect(event!.eventName).to.equal("storage.operation.slow");
    expect(event!.attributes).to.not.have.property("storage.operation.blocked_time");
  });

  it("is reported for a long step of an iteration", () => {
    const db = new Sqlite(":memory:");
    db.function("pause", (ms) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms as number));
    const [event, ...others] = eventsOf(() => void Array.from(db.prepare("SELECT pause(60)").iterate()));
    expect(others).to.deep.equal([]);
    expect(event!.attributes["storage.operation.blocked_time"]).to.be.within(
      0.05,
      event!.attributes["storage.operation.time"] as number,
    );
  });

  it("has a series at zero once an operation came near it", async () => {
    operationIn("blocked_never").succeeded(5 * MS, 1);
    const series = await seriesWith({ "db.namespace": "blocked_never" });
    const zero = series.filter(({ value }) => value === 0).map(({ metric }) => metric);
    expect(zero).to.include.members(["storage.operation.slow", "storage.eventloop.blocked_time"]);
  });
});

describe("a repeated operation", () => {
  /** What is said of the span and told of when a database is used inside of it. */
  function inside(code: (db: BetterSqlite3.Database) => void): { span: Attributes; events: ReadableLogRecord[] } {
    const db = new Sqlite(":memory:");
    db.exec("CREATE TABLE words (id INTEGER, word TEXT); CREATE TABLE edits (id INTEGER)");
    let span: Attributes = {};
    const events = eventsOf(() => {
      span = spansOf(() => code(db)).find(({ name }) => name === "request")!.attributes;
    }).filter(({ eventName }) => eventName === "storage.operation.repeated");
    return { span, events };
  }
  const times = (n: number, code: (i: number) => void): void => {
    for (let i = 0; i < n; i++) code(i);
  };
  const said = (span: Attributes): unknown[] => [
    span["storage.rollup.repeated_operation"],
    span["storage.rollup.repeated_count"],
  ];
  const run = (n: number): ReturnType<typeof inside> =>
    inside((db) => {
      const get = db.prepare("SELECT word FROM words WHERE id = ?");
      times(n, (i) => get.get(i));
    });

  it("is reported from the threshold on, and not just below it", () => {
    const below = run(9);
    expect(said(below.span)).to.deep.equal([undefined, undefined]);
    expect(below.events).to.deep.equal([]);
    const at = run(10);
    expect(said(at.span)).to.deep.equal(["SELECT words", 10]);
    expect(names(at.events)).to.deep.equal(["storage.operation.repeated"]);
  });

  it("is reported with its statement, its count and its call site", () => {
    const { events } = run(137);
    expect(events[0]!.attributes).to.include({
      "db.query.summary": "SELECT words",
      "db.query.text": "SELECT word FROM words WHERE id = ?",
      "storage.rollup.repeated_count": 137,
      "code.file.path": "test/src/findings.test.ts",
    });
    expect(registered(events)).to.deep.equal([]);
  });

  it("is counted between others, in iterations and in transactions alike", () => {
    const { span } = inside((db) => {
      const get = db.prepare("SELECT word FROM words WHERE id = ?");
      const log = db.prepare("INSERT INTO edits VALUES (?)");
      times(7, (i) => (get.get(i), log.run(i)));
      times(3, (i) => void Array.from(get.iterate(i)));
      db.transaction(() => times(5, (i) => get.get(i)))();
    });
    expect(said(span)).to.deep.equal(["SELECT words", 15]);
  });

  it("includes the same statement with any other literals", () => {
    const { span, events } = inside((db) =>
      times(1_500, (i) => db.prepare(`SELECT word FROM words WHERE id = ${i}`).get()),
    );
    expect(said(span)).to.deep.equal(["SELECT words", 1_500]);
    expect(events[0]!.attributes["db.query.text"]).to.equal("SELECT word FROM words WHERE id = ?");
  });

  it("does not include another statement with the same summary", () => {
    const { span, events } = inside((db) => {
      const byId = db.prepare("SELECT word FROM words WHERE id = ?");
      const byWord = db.prepare("SELECT id FROM words WHERE word = ?");
      times(9, (i) => (byId.get(i), byWord.get(i)));
    });
    expect(said(span)).to.deep.equal([undefined, undefined]);
    expect(events).to.deep.equal([]);
  });

  it("does not include transactions and prepares", () => {
    const { events } = inside((db) =>
      times(20, (i) => db.transaction(() => db.prepare(`SELECT ${"id,".repeat(i)} 1 FROM words`).get())()),
    );
    expect(events).to.deep.equal([]);
  });

  it("belongs to the span it ran in, if two alternate", () => {
    const db = new Sqlite(":memory:");
    const get = db.prepare("SELECT 1");
    const tracer = trace.getTracer("test");
    const events = eventsOf(() => {
      const spans = spansOf(() => {
        tracer.startActiveSpan("inner", (inner) => {
          times(9, () => get.get());
          inner.end();
        });
        times(11, () => get.get());
      });
      // A statement that a busy machine delays is a span as well.
      const ours = spans.filter(({ name }) => name !== "SELECT");
      expect(ours.map(({ attributes }) => attributes["storage.rollup.repeated_count"])).to.deep.equal([undefined, 11]);
    });
    expect(names(events)).to.deep.equal(["storage.operation.repeated"]);
  });

  it("is not counted if no span records", () => {
    const db = new Sqlite(":memory:");
    const get = db.prepare("SELECT 1");
    expect(eventsOf(() => times(50, () => get.get()))).to.deep.equal([]);
  });
});

describe("the number of events", () => {
  it("is bounded for each statement, while the counts stay exact", async () => {
    const operation = operationIn("budget");
    const events = eventsOf(() => {
      for (let i = 0; i < 25; i++) operation.succeeded(100 * MS, 1);
      operationIn("budget_other").succeeded(100 * MS, 1);
    });
    expect(events).to.have.lengthOf(EVENTS_A_MINUTE + 1);
    expect(await count("storage.operation.slow", { "db.namespace": "budget" })).to.equal(25);
  });

  it("is reset each minute, with the number of suppressed events", () => {
    const budget = new RateLimit();
    const second = 1_000_000_000n;
    for (let i = 0; i < EVENTS_A_MINUTE; i++) expect(budget.tryAcquire(BigInt(i) * second)).to.equal(0);
    expect([budget.tryAcquire(10n * second), budget.tryAcquire(60n * second - 1n)]).to.deep.equal([
      undefined,
      undefined,
    ]);
    expect([budget.tryAcquire(60n * second), budget.tryAcquire(60n * second)]).to.deep.equal([2, 0]);
  });
});
