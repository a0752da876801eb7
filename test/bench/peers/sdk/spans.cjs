"use strict";
// What instrumentation with a span for each operation does.
const { SpanKind, trace } = require("@opentelemetry/api");
const Database = require("better-sqlite3");

const tracer = trace.getTracer("bench");
const attributes = { "db.system.name": "sqlite", "db.namespace": "bench", "db.operation.name": "SELECT" };
const db = new Database(":memory:");
const statement = Object.getPrototypeOf(db.prepare("SELECT 1"));
db.close();

for (const name of ["run", "get"]) {
  const original = statement[name];
  statement[name] = function observed(...args) {
    const span = tracer.startSpan("SELECT kv", { kind: SpanKind.CLIENT, attributes });
    const result = original.apply(this, args);
    span.end();
    return result;
  };
}
