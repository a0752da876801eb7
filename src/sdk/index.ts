import { context, logs, metrics, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import type { Resource } from "@opentelemetry/resources";
import {
  BatchLogRecordProcessor,
  ConsoleLogRecordExporter,
  LoggerProvider,
  SimpleLogRecordProcessor,
} from "@opentelemetry/sdk-logs";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, ConsoleSpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import type { Config } from "../config.ts";
import { observeHttp } from "../http/index.ts";
import { readContextFrom } from "../spans/rollup.ts";
import { routeDiagnostics } from "./diagnostics.ts";
import { otlpLogExporter, otlpSpanExporter } from "./exporters.ts";
import { Head } from "./head.ts";
import { loadNow } from "./lazy.ts";
import { bridgeLegacyLogs } from "./legacy-logs.ts";
import { createReaders } from "./readers.ts";
import { createResource } from "./resource.ts";
import { createSampler } from "./sampler.ts";

/** The providers that were started. */
export interface Sdk {
  /** Sends what is not sent yet and stops. Never rejects; how long it takes is the exporters' to limit. */
  shutdown(): Promise<void>;
}

/** Something with data to send. */
export interface Stoppable {
  shutdown(): Promise<void>;
}

/** Starts the OpenTelemetry SDK as the settings say, and registers it for the application to use as well. */
export function startSdk(config: Config): Sdk {
  const providers = config.configFile === "" ? startFromSettings(config) : startFromFile(config);
  routeDiagnostics(config.logLevel, config.configFile === "");
  HTTP[config.http]();
  return {
    async shutdown() {
      await Promise.allSettled(providers.map((provider) => provider.shutdown()));
    },
  };
}

/** The declarative path costs three times the start-up, so it is loaded for those who ask for it. */
function startFromFile(config: Config): Stoppable[] {
  return loadNow<typeof import("./declarative.ts")>("declarative").startFromFile(config.configFile);
}

const HTTP: Readonly<Record<Config["http"], () => void>> = {
  on: () => observeHttp(head),
  "instrumentation-http": () =>
    loadNow<typeof import("./instrumentation-http.ts")>("instrumentation-http").instrumentHttp(),
  off: () => {},
};

function startFromSettings(config: Config): Stoppable[] {
  const resource = createResource(config);
  const contextManager = new AsyncLocalStorageContextManager().enable();
  if (context.setGlobalContextManager(contextManager)) readContextFrom(contextManager);
  propagation.setGlobalPropagator(createPropagator(config));
  return [startTraces, startMetrics, startLogs].flatMap((start) => start(config, resource) ?? []);
}

const PROPAGATORS = {
  tracecontext: () => [new W3CTraceContextPropagator()],
  baggage: () => [new W3CBaggagePropagator()],
  none: () => [],
};

function createPropagator({ propagators }: Config): CompositePropagator {
  const names = propagators.includes("none") ? [] : propagators;
  return new CompositePropagator({ propagators: names.flatMap((name) => PROPAGATORS[name]()) });
}

/** `none` beside other exporters means none. */
const chosen = <T extends string>(names: readonly T[]): readonly T[] => (names.includes("none" as T) ? [] : names);

/** Decides for the provider of the settings, where that is the one in use: the application may have registered its own. */
let head: Head | undefined;

function startTraces(config: Config, resource: Resource): Stoppable | undefined {
  const processors = {
    otlp: () =>
      new BatchSpanProcessor({
        exporter: otlpSpanExporter(config),
        maxQueueSize: config.spanQueueSize,
        maxExportBatchSize: config.spanBatchSize,
        scheduledDelayMillis: config.spanDelay,
        exportTimeoutMillis: config.spanTimeout,
      }),
    console: () => new SimpleSpanProcessor({ exporter: new ConsoleSpanExporter() }),
    none: () => undefined,
  };
  const spanProcessors = chosen(config.tracesExporters).flatMap((name) => processors[name]() ?? []);
  if (spanProcessors.length === 0) return undefined;
  const sampler = createSampler(config);
  const idGenerator = new Head(sampler);
  const provider = new TracerProvider({
    resource,
    spanProcessors,
    sampler,
    idGenerator,
    spanLimits: {
      attributeCountLimit: config.attributeCountLimit,
      attributeValueLengthLimit: config.attributeLengthLimit,
      eventCountLimit: config.spanEventLimit,
      linkCountLimit: config.spanLinkLimit,
    },
  });
  if (trace.setGlobalTracerProvider(provider)) head = idGenerator;
  return provider;
}

function startMetrics(config: Config, resource: Resource): Stoppable | undefined {
  const readers = createReaders(chosen(config.metricsExporters), config);
  if (readers.length === 0) return undefined;
  const provider = new MeterProvider({ resource, readers });
  metrics.setGlobalMeterProvider(provider);
  return provider;
}

function startLogs(config: Config, resource: Resource): Stoppable | undefined {
  const processors = {
    otlp: () =>
      new BatchLogRecordProcessor({
        exporter: otlpLogExporter(config),
        maxQueueSize: config.logQueueSize,
        maxExportBatchSize: config.logBatchSize,
        scheduledDelayMillis: config.logDelay,
        exportTimeoutMillis: config.logTimeout,
      }),
    console: () => new SimpleLogRecordProcessor({ exporter: new ConsoleLogRecordExporter() }),
    none: () => undefined,
  };
  const logProcessors = chosen(config.logsExporters).flatMap((name) => processors[name]() ?? []);
  if (logProcessors.length === 0) return undefined;
  const { attributeCountLimit, attributeLengthLimit: attributeValueLengthLimit } = config;
  const provider = new LoggerProvider({
    resource,
    processors: logProcessors,
    logRecordLimits: { attributeCountLimit, attributeValueLengthLimit },
  });
  logs.setGlobalLoggerProvider(provider);
  bridgeLegacyLogs(provider);
  return provider;
}
