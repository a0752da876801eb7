// What threads of the pool can be sent to do, where it takes more than a line.
const { setTimeout: wait } = require("node:timers/promises");
const { parentPort, workerData } = require("node:worker_threads");
const { logs, metrics, trace } = require("@opentelemetry/api");
const { db, work } = require("./work.cjs");

/** Works without end and without a pause, and counts how often in `workerData.progress`. */
exports.workForever = () => {
  for (;;) {
    work(1);
    Atomics.add(workerData.progress, 0, 1);
  }
};

/** Makes a metric of each kind that is recorded. */
exports.measure = () => {
  const meter = metrics.getMeter("app", "1.0");
  meter.createCounter("app.jobs", { unit: "{job}" }).add(2, { kind: "a" });
  meter.createHistogram("app.size", { unit: "By" }).record(7);
};

/** Runs a transaction and writes a log record in a span. */
exports.runTask = () => {
  trace.getTracer("app").startActiveSpan("task", (span) => {
    db.transaction(() => db.exec("CREATE TABLE t (a)"))();
    logs.getLogger("app").emit({ body: { name: "ä", bytes: new Uint8Array([1]) } });
    span.end();
  });
};

/** Ends spans without a pause, and sets `workerData.done` then. */
exports.endSpans = (n) => {
  const tracer = trace.getTracer("app");
  for (let i = 0; i < n; i++) tracer.startSpan(`span ${i}`).end();
  Atomics.store(workerData.done, 0, 1);
  Atomics.notify(workerData.done, 0);
};

/** Ends large spans, a hundred whenever the main thread has come round twice, which it counts in `workerData.turns`. */
exports.endSpansInTurns = async (n) => {
  const tracer = trace.getTracer("app");
  const attributes = { text: "x".repeat(1_000) };
  for (let i = 0; i < n; i++) {
    tracer.startSpan("span", { attributes }).end();
    const until = Atomics.load(workerData.turns, 0) + 2;
    if (i % 100 === 0) while (Atomics.load(workerData.turns, 0) < until) await wait(2);
  }
  parentPort.close();
};

/** Prepares to insert into a table that checkpoints often. */
exports.prepareBlobs = () => {
  db.pragma("journal_mode = WAL");
  db.pragma("wal_autocheckpoint = 250");
  db.exec("CREATE TABLE IF NOT EXISTS blobs (id INTEGER PRIMARY KEY, data)");
  globalThis.insert = db.prepare("INSERT OR REPLACE INTO blobs VALUES (?, zeroblob(100000))");
};
