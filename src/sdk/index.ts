import { context, logs, metrics, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import type { Resource } from "@opentelemetry/resources";
import { ConsoleLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { ConsoleSpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { ATTR_SERVICE_NAME } from "@opentelemetry/semantic-conventions";
import type { Config } from "../config.ts";
import { observeHttp, type KnownSdk } from "../http/index.ts";
import { loadNow } from "../lazy.ts";
import { Outbox } from "../otlp/outbox.ts";
import { logProcessor, spanProcessor } from "../otlp/processors.ts";
import { readContextFrom } from "../spans/rollup.ts";
import { routeDiagnostics } from "./diagnostics.ts";
import { Head } from "./head.ts";
import { bridgeLegacyLogs } from "./legacy-logs.ts";
import { createReaders } from "./readers.ts";
import { createResource } from "./resource.ts";
import { createSampler } from "./sampler.ts";

/** The providers that were started. */
export interface Sdk {
  /** Sends what is not sent yet. Never rejects; how long it takes is the exporters' to limit. */
  flush(): Promise<void>;
  /** Whether there is a place to keep what could not be sent. */
  readonly canKeep: boolean;
  /** Keeps what could not be sent for the next start, without waiting for anything: the last thing before the end. */
  keep(): void;
  /** Sends what is not sent yet and stops. Never rejects. */
  shutdown(): Promise<void>;
}

/** Something with data to send. */
export interface Stoppable {
  shutdown(): Promise<void>;
}

/** Starts the OpenTelemetry SDK as the settings say, and registers it for the application to use as well. */
export function startSdk(config: Config): Sdk {
  const sdk = config.configFile === "" ? startFromSettings(config) : startFromFile(config);
  routeDiagnostics(config.logLevel, config.configFile === "");
  HTTP[config.http]();
  return sdk;
}

const stopAll = async (providers: readonly Stoppable[]): Promise<void> => {
  await Promise.allSettled(providers.map((provider) => provider.shutdown()));
};

/** The declarative path costs three times the start-up, so it is loaded for those who ask for it. */
function startFromFile(config: Config): Sdk {
  const { startFromFile } = loadNow<typeof import("./declarative.ts")>("sdk/declarative");
  const providers = startFromFile(config.configFile);
  const shutdown = (): Promise<void> => stopAll(providers);
  // What sdk-node starts can be stopped and nothing else.
  return { flush: shutdown, canKeep: false, keep() {}, shutdown };
}

/** What of the SDK in use is that of the settings: the application may have registered its own. */
const own: { -readonly [name in keyof KnownSdk]: KnownSdk[name] } = {};

const HTTP: Readonly<Record<Config["http"], () => void>> = {
  on: () => observeHttp(own),
  "instrumentation-http": () =>
    loadNow<typeof import("./instrumentation-http.ts")>("sdk/instrumentation-http").instrumentHttp(),
  off: () => {},
};

function startFromSettings(config: Config): Sdk {
  const resource = createResource(config);
  const contextManager = new AsyncLocalStorageContextManager().enable();
  if (context.setGlobalContextManager(contextManager)) {
    readContextFrom(contextManager);
    own.contexts = contextManager;
  }
  const propagator = createPropagator(config);
  if (propagation.setGlobalPropagator(propagator)) own.carriers = propagator.fields();
  let created: Outbox | undefined;
  const outbox = (): Outbox => (created ??= new Outbox(config, String(resource.attributes[ATTR_SERVICE_NAME])));
  const setup = { config, resource, outbox };
  const meterProvider = startMetrics(setup);
  const providers = [startTraces(setup), meterProvider, startLogs(setup)].filter((provider) => provider !== undefined);
  let isStopped = false;
  let areMetricsCollected = false;
  return {
    async flush() {
      if (!isStopped) await Promise.allSettled([meterProvider?.forceFlush()]);
      areMetricsCollected = true;
      await created?.flush();
    },
    canKeep: config.spool,
    keep: () => created?.keep(areMetricsCollected),
    async shutdown() {
      isStopped = true;
      areMetricsCollected = true;
      await stopAll(providers);
      await created?.flush();
    },
  };
}

/** What the signals are started with. */
interface Setup {
  readonly config: Config;
  readonly resource: Resource;
  /** Where OTLP goes through, for the signals that go out over it. */
  readonly outbox: () => Outbox;
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

function startTraces({ config, resource, outbox }: Setup): Stoppable | undefined {
  const processors = {
    otlp: () => spanProcessor(outbox(), config),
    console: () => new SimpleSpanProcessor({ exporter: new ConsoleSpanExporter() }),
    none: () => undefined,
  };
  const spanProcessors = chosen(config.tracesExporters).flatMap((name) => processors[name]() ?? []);
  if (spanProcessors.length === 0) return undefined;
  const { sampler, ratio } = createSampler(config);
  const idGenerator = new Head(sampler, ratio);
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
  if (trace.setGlobalTracerProvider(provider)) own.head = idGenerator;
  return provider;
}

function startMetrics({ config, resource, outbox }: Setup): MeterProvider | undefined {
  const readers = createReaders(chosen(config.metricsExporters), config, outbox);
  if (readers.length === 0) return undefined;
  const provider = new MeterProvider({ resource, readers });
  metrics.setGlobalMeterProvider(provider);
  return provider;
}

function startLogs({ config, resource, outbox }: Setup): Stoppable | undefined {
  const processors = {
    otlp: () => logProcessor(outbox(), config),
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
