import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { App, ROOT } from "../helpers/app.ts";
import { receiving } from "../helpers/receiver.ts";

const INDEX = join(ROOT, "dist/src/index.js");

const FILES = {
  // Modules ask for tracers and loggers when they are imported, which is before the first line of the application.
  "early.mjs": `
    import { logs, trace } from "@opentelemetry/api";
    import legacy from "@opentelemetry/api-logs";
    import { start } from "${INDEX}";
    const tracer = trace.getTracer("early");
    const loggers = [logs.getLogger("early"), legacy.logs.getLogger("early")];
    start();
    tracer.startSpan("span").end();
    loggers.forEach((logger, i) => logger.emit({ body: "record " + i }));
  `,
  // Another copy than the one an ES module gets, and an SDK that is registered last of all.
  "own-sdk.cjs": `
    const { context, trace } = require("@opentelemetry/api");
    const { AsyncLocalStorageContextManager } = require("@opentelemetry/context-async-hooks");
    const { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } = require("@opentelemetry/sdk-trace");
    const { instrument } = require("${INDEX}");
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
    console.log(exporter.getFinishedSpans().map(({ name }) => name).join());
  `,
  // No span of the provider that was there before records.
  "other-provider.cjs": `
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
    console.log(exporter.getFinishedSpans().map(({ attributes }) => attributes["storage.rollup.operations"]).join());

    // And a propagator and a manager of contexts that are not those either.
    context.disable();
    propagation.disable();
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    const extract = (context, carrier) => trace.setSpanContext(context, { traceId: carrier["x-trace"], spanId: "b7ad6b7169203331", traceFlags: 1 });
    propagation.setGlobalPropagator({ extract, inject() {}, fields: () => ["x-trace"] });
    const server = createServer((request, response) => {
      console.log(trace.getActiveSpan().spanContext().traceId);
      response.end();
    });
    server.listen(0, "127.0.0.1", () => {
      const headers = { "x-trace": "0af7651916cd43dd8448eb211c80319c" };
      get({ port: server.address().port, headers, agent: false }, (response) => response.resume().on("end", () => server.close()));
    });
  `,
  // Nothing is preloaded or started: what is observed goes where the application's SDK sends it.
  "own-readers.mjs": `
    import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
    import { instrumentations, metricProducer } from "${INDEX}";
    console.log(instrumentations().map(({ instrumentationName }) => instrumentationName).join());
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({ exporter, metricProducers: [metricProducer()] });
    const provider = new MeterProvider({ readers: [reader] });
    const { default: Database } = await import("better-sqlite3");
    const db = new Database(":memory:");
    const insert = db.exec("CREATE TABLE orders (id)").prepare("INSERT INTO orders VALUES (?)");
    for (let i = 0; i < 7; i++) insert.run(i);
    await reader.forceFlush();
    const [metrics] = exporter.getMetrics();
    const durations = metrics.scopeMetrics.flatMap((each) => each.metrics).find(({ descriptor }) => descriptor.name === "db.client.operation.duration");
    const point = durations.dataPoints.find(({ attributes }) => attributes["db.query.summary"] === "INSERT orders");
    console.log(point.value.count);
    await provider.shutdown();
  `,
};

describe("an application's copy of the API", () => {
  const app = new App(FILES);
  const receiver = receiving();

  it("gets what it was asked for before start()", async () => {
    const ended = await app.run("early.mjs", { flags: [], env: receiver.env });
    expect(ended).to.include({ code: 0, stderr: "" });
    expect(receiver.spans.map(({ name }) => name)).to.deep.equal(["span"]);
    expect(receiver.logs.map(({ body }) => body)).to.have.members(["record 0", "record 1"]);
  });

  it("has our metrics where the readers are its own", async () => {
    const ended = await app.run("own-readers.mjs", { flags: [] });
    expect(ended).to.include({
      code: 0,
      stderr: "",
      stdout: "stratascope/better-sqlite3,stratascope/node-sqlite\n7\n",
    });
  });

  it("is asked for what took the place of ours", async () => {
    const ended = await app.run("other-provider.cjs", { env: { OTEL_TRACES_EXPORTER: "console" } });
    expect(ended).to.include({ code: 0, stderr: "", stdout: "2\n0af7651916cd43dd8448eb211c80319c\n" });
  });

  it("has our spans where the SDK is its own", async () => {
    const ended = await app.run("own-sdk.cjs", { flags: [] });
    expect(ended).to.include({ code: 0, stderr: "", stdout: "transaction memory,request\n" });
  });
});
