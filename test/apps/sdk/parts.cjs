// An application that registers one thing with the API, which is given as an argument, and says what became of it. API is
// the path of the copy of the API it does that with.
const { context, diag, DiagLogLevel, metrics, propagation, ROOT_CONTEXT, trace } = require(
  process.env.API ?? "@opentelemetry/api",
);
const said = [];
const say = (message) => said.push(String(message).split("\n")[0]);
const noPropagator = { inject() {}, extract: (active) => active, fields: () => [] };

const PARTS = {
  async metrics() {
    const {
      InMemoryMetricExporter,
      MeterProvider,
      PeriodicExportingMetricReader,
    } = require("@opentelemetry/sdk-metrics");
    const exporter = new InMemoryMetricExporter(1);
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1e6 });
    const isRegistered = metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
    metrics.getMeter("app").createCounter("app.count").add(1);
    await reader.forceFlush();
    return [
      isRegistered,
      exporter
        .getMetrics()
        .flatMap(({ scopeMetrics }) =>
          scopeMetrics.flatMap(({ metrics }) => metrics.map(({ descriptor }) => descriptor.name)),
        ),
    ];
  },
  async traces() {
    const { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } = require("@opentelemetry/sdk-trace");
    const exporter = new InMemorySpanExporter();
    const isRegistered = trace.setGlobalTracerProvider(
      new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }),
    );
    trace.getTracer("app").startActiveSpan("work", (span) => span.end());
    return [isRegistered, exporter.getFinishedSpans().map(({ name }) => name)];
  },
  async context() {
    const { AsyncLocalStorageContextManager } = require("@opentelemetry/context-async-hooks");
    const manager = new AsyncLocalStorageContextManager().enable();
    const isRegistered = context.setGlobalContextManager(manager);
    const key = Symbol();
    return [isRegistered, context.with(ROOT_CONTEXT.setValue(key, "own"), () => manager.active().getValue(key))];
  },
  async propagation() {
    const isRegistered = propagation.setGlobalPropagator({
      ...noPropagator,
      inject: (_, carrier, setter) => setter.set(carrier, "x-own", "1"),
      fields: () => ["x-own"],
    });
    const carrier = {};
    propagation.inject(ROOT_CONTEXT, carrier);
    return [isRegistered, carrier];
  },
  async twice() {
    diag.setLogger({ error: say, warn: say, info() {}, debug() {}, verbose() {} }, DiagLogLevel.WARN);
    return [propagation.setGlobalPropagator(noPropagator), propagation.setGlobalPropagator(noPropagator)];
  },
  async nothing() {
    diag.setLogger({ error: say, warn: say, info() {}, debug() {}, verbose() {} }, DiagLogLevel.WARN);
    await new Promise((resolve) => setImmediate(resolve));
    return [trace.getTracer("app").startSpan("work").isRecording()];
  },
};

void PARTS[process.argv[2]]().then((result) => console.log(JSON.stringify({ result, said })));
