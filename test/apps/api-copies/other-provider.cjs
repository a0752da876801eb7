// Replaces the provider of spans, the propagator and the manager of contexts of the preload by its own.
const { createServer, get } = require("node:http");
const { context, propagation, trace } = require("@opentelemetry/api");
const { AsyncLocalStorageContextManager } = require("@opentelemetry/context-async-hooks");
const { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } = require("@opentelemetry/sdk-trace");
const Database = require("better-sqlite3");
const db = new Database(":memory:");
const insert = db.exec("CREATE TABLE orders (id)").prepare("INSERT INTO orders VALUES (?)");
insert.run(1);
const exporter = new InMemorySpanExporter();
trace.disable();
trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
trace.getTracer("app").startActiveSpan("request", (span) => {
  insert.run(2);
  insert.run(3);
  span.end();
});
const counts = exporter.getFinishedSpans().map(({ attributes }) => attributes["storage.rollup.operations"]);
console.log(counts.join());

context.disable();
propagation.disable();
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
const extract = (context, carrier) =>
  trace.setSpanContext(context, { traceId: carrier["x-trace"], spanId: "b7ad6b7169203331", traceFlags: 1 });
propagation.setGlobalPropagator({ extract, inject() {}, fields: () => ["x-trace"] });
const server = createServer((request, response) => {
  console.log(trace.getActiveSpan().spanContext().traceId);
  response.end();
});
server.listen(0, "127.0.0.1", () => {
  const headers = { "x-trace": "0af7651916cd43dd8448eb211c80319c" };
  get({ port: server.address().port, headers, agent: false }, (response) =>
    response.resume().on("end", () => server.close()),
  );
});
