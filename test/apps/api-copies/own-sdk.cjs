// Has its engine observed, by the copy of the API that CommonJS gets, before it registers an SDK of its own.
const { context, trace } = require("@opentelemetry/api");
const { AsyncLocalStorageContextManager } = require("@opentelemetry/context-async-hooks");
const { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } = require("@opentelemetry/sdk-trace");
const { instrument } = require("stratascope");
const Database = instrument("better-sqlite3", require("better-sqlite3"));
const db = new Database(":memory:");
const insert = db.exec("CREATE TABLE orders (id)").prepare("INSERT INTO orders VALUES (?)");
db.transaction(() => insert.run(1))();

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
const exporter = new InMemorySpanExporter();
trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
trace.getTracer("app").startActiveSpan("request", (span) => {
  db.transaction(() => insert.run(2))();
  span.end();
});
const names = exporter.getFinishedSpans().map(({ name }) => name);
console.log(names.join());
