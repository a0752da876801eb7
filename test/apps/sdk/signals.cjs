// Makes all three signals, through the API and through an engine, and ends when its standard input does.
const { mkdtempSync } = require("node:fs");
const { join } = require("node:path");
const api = require("@opentelemetry/api");
const legacy = require("@opentelemetry/api-logs");
const Database = require("better-sqlite3");

const db = new Database(join(mkdtempSync(join(__dirname, "data-")), "orders.db"));
api.metrics
  .getMeter("app")
  .createCounter("app.orders", { unit: "{order}", description: "Orders." })
  .add(7, { paid: true });
api.trace
  .getTracer("app")
  .startActiveSpan("order", { attributes: { size: 3, ratio: 0.5, tags: ["a", "b"] } }, (span) => {
    db.exec("CREATE TABLE orders (id)");
    api.logs.getLogger("new").emit({ severityText: "INFO", body: "of the API", attributes: { id: 1 } });
    legacy.logs.getLogger("old").emit({ severityText: "WARN", body: "of api-logs", attributes: { id: 2 } });
    span.setStatus({ code: api.SpanStatusCode.ERROR, message: "sold out" });
    span.end();
  });
process.stdin.on("end", () => {}).resume();
