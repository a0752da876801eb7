// An application that traces, measures and logs itself. Prints what its own exporters were given, and what its own copy of
// the API has to say. PACKAGES is a folder with packages of OpenTelemetry 2; those of 3 are used without.
const { createRequire } = require("node:module");
const { join } = require("node:path");
const { PACKAGES } = process.env;
const load = PACKAGES ? createRequire(join(PACKAGES, "package.json")) : require;
const [isInstrumented] = process.argv.slice(2).map(Number);

const { diag, DiagLogLevel, metrics, trace } = load("@opentelemetry/api");
const early = trace.getTracer("early");
const said = [];
const say = (message) => said.push(String(message).split("\n")[0]);
diag.setLogger({ error: say, warn: say, info() {}, debug() {}, verbose() {} }, DiagLogLevel.WARN);

const { NodeSDK } = load("@opentelemetry/sdk-node");
const { InMemorySpanExporter, SimpleSpanProcessor } = load(
  PACKAGES ? "@opentelemetry/sdk-trace-base" : "@opentelemetry/sdk-trace",
);
const { AggregationTemporality, InMemoryMetricExporter, PeriodicExportingMetricReader } =
  load("@opentelemetry/sdk-metrics");
const { InMemoryLogRecordExporter, SimpleLogRecordProcessor } = load("@opentelemetry/sdk-logs");
const { HttpInstrumentation } = load("@opentelemetry/instrumentation-http");
const spans = new InMemorySpanExporter();
const points = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const records = new InMemoryLogRecordExporter();
const reader = new PeriodicExportingMetricReader({ exporter: points, exportIntervalMillis: 1e6 });
new NodeSDK({
  serviceName: "own",
  spanProcessors: [new SimpleSpanProcessor(PACKAGES ? spans : { exporter: spans })],
  metricReaders: [reader],
  logRecordProcessors: [new SimpleLogRecordProcessor(PACKAGES ? records : { exporter: records })],
  instrumentations: isInstrumented ? [new HttpInstrumentation()] : [],
}).start();

const { logs } = PACKAGES ? load("@opentelemetry/api-logs") : load("@opentelemetry/api");
logs.getLogger("app").emit({ body: "hello" });
metrics.getMeter("app").createCounter("app.count").add(3);

const http = require("node:http");
const Database = require("better-sqlite3");
const server = http.createServer((request, response) => {
  early.startSpan("early").end();
  trace.getTracer("app").startActiveSpan("work", (span) => {
    const db = new Database(":memory:");
    db.exec("CREATE TABLE orders (id)");
    db.transaction(() => db.exec("INSERT INTO orders VALUES (1)"))();
    span.end();
    response.end("done");
  });
});

async function report() {
  await reader.forceFlush();
  const finished = spans.getFinishedSpans();
  const nameOf = (id) => finished.find((span) => span.spanContext().spanId === id)?.name ?? id ?? "nothing";
  console.log(
    JSON.stringify({
      spans: finished
        .filter((span) => span.kind === 0 || isInstrumented)
        .map(
          (span) =>
            `${(span.instrumentationScope ?? span.instrumentationLibrary).name}: ${span.name} in ${nameOf(span.parentSpanContext?.spanId)}`,
        )
        .sort(),
      services: [...new Set(finished.map(({ resource }) => resource.attributes["service.name"]))],
      metrics: points
        .getMetrics()
        .flatMap(({ scopeMetrics }) =>
          scopeMetrics.flatMap(({ metrics }) => metrics.map(({ descriptor }) => descriptor.name)),
        )
        .sort(),
      logs: records.getFinishedLogRecords().map(({ body }) => body),
      said,
    }),
  );
  server.close();
}

server.listen(0, "127.0.0.1", () =>
  http.get({ port: server.address().port, agent: false }, (response) =>
    response.resume().on("end", () => setTimeout(report, 100)),
  ),
);
