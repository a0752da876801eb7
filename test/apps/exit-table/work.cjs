// Ends a span, writes a log record, counts once, and runs one operation of an engine.
const { logs, metrics, trace } = require("@opentelemetry/api");
const Database = require("better-sqlite3");

const db = new Database(":memory:");
const count = metrics.getMeter("app").createCounter("app.last");

module.exports = () => {
  db.exec("SELECT 1");
  count.add(1);
  logs.getLogger("app").emit({ body: "last" });
  trace.getTracer("app").startSpan("last").end();
};
