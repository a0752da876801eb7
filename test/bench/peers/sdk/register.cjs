"use strict";
// What the author of a service writes to have traces, metrics and HTTP from the SDK, without a distribution.
const { context, metrics, trace } = require("@opentelemetry/api");
const { AsyncLocalStorageContextManager } = require("@opentelemetry/context-async-hooks");
const { registerInstrumentations } = require("@opentelemetry/instrumentation");
const { HttpInstrumentation } = require("@opentelemetry/instrumentation-http");
const { MeterProvider, PeriodicExportingMetricReader } = require("@opentelemetry/sdk-metrics");
const {
  BatchSpanProcessor,
  NoopSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} = require("@opentelemetry/sdk-trace");

const { OTEL_TRACES_EXPORTER, OTEL_TRACES_SAMPLER_ARG, OTEL_METRICS_EXPORTER, OTEL_EXPORTER_PROMETHEUS_PORT } =
  process.env;

function spanProcessor() {
  if (OTEL_TRACES_EXPORTER === "none") return new NoopSpanProcessor();
  const { OTLPTraceExporter } = require("@opentelemetry/exporter-trace-otlp-proto");
  return new BatchSpanProcessor({ exporter: new OTLPTraceExporter() });
}

function metricReader() {
  if (OTEL_METRICS_EXPORTER === "prometheus") {
    const { PrometheusExporter } = require("@opentelemetry/exporter-prometheus");
    return new PrometheusExporter({ host: "127.0.0.1", port: Number(OTEL_EXPORTER_PROMETHEUS_PORT) });
  }
  const { OTLPMetricExporter } = require("@opentelemetry/exporter-metrics-otlp-proto");
  return new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter() });
}

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
const sampler = new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(Number(OTEL_TRACES_SAMPLER_ARG ?? 1)) });
trace.setGlobalTracerProvider(new TracerProvider({ sampler, spanProcessors: [spanProcessor()] }));
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [metricReader()] }));
registerInstrumentations({ instrumentations: [new HttpInstrumentation()] });
