import type openTelemetry from "@opentelemetry/api";
import type { logs as legacyLogs } from "@opentelemetry/api-logs";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import type { Resource } from "@opentelemetry/resources";
import { ConsoleLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { ConsoleSpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { ATTR_SERVICE_NAME } from "@opentelemetry/semantic-conventions";
import type { Config } from "../config.ts";
import { observeHttp } from "../http/index.ts";
import { loadNow } from "../lazy.ts";
import { hotMetrics } from "../metrics/instruments.ts";
import { hasRecorded } from "../metrics/recorded.ts";
import { Outbox } from "../otlp/outbox.ts";
import { logProcessor, spanProcessor } from "../otlp/processors.ts";
import { recordByApi, recordBy } from "../spans/recorder.ts";
import { readContextFrom } from "../spans/rollup.ts";
import { routeDiagnostics } from "./diagnostics.ts";
import { recordDirectly } from "./direct-spans.ts";
import { Head } from "./head.ts";
import { WatchedMeterProvider } from "./meter-provider.ts";
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

/**
 * The API of OpenTelemetry, with which the providers are registered. A process can have several copies of it. Each finds
 * what any of them has registered, but tracers and loggers it gave out before learn only of what it registers itself.
 */
export type Api = typeof openTelemetry & {
  /** Of `@opentelemetry/api-logs`: libraries that still emit through it look for their provider in a place of its own. */
  readonly legacyLogs: typeof legacyLogs;
};

/** Starts the OpenTelemetry SDK as the settings say, and registers it for the application to use as well. */
export function startSdk(config: Config, api: Api): Sdk {
  const sdk = config.configFile === "" ? startFromSettings(config, api) : startFromFile(config, api);
  routeDiagnostics(api.diag, config.logLevel);
  HTTP[config.http]();
  return sdk;
}

const stopAll = async (providers: readonly Stoppable[]): Promise<void> => {
  await Promise.allSettled(providers.map((provider) => provider.shutdown()));
};

/** The declarative path costs three times the start-up, so it is loaded for those who ask for it. */
function startFromFile(config: Config, api: Api): Sdk {
  const { startFromFile } = loadNow<typeof import("./declarative.ts")>("sdk/declarative");
  const providers = startFromFile(config.configFile);
  api.legacyLogs.setGlobalLoggerProvider(api.logs.getLoggerProvider());
  const shutdown = (): Promise<void> => stopAll(providers);
  // What sdk-node starts can be stopped and nothing else.
  return { flush: shutdown, canKeep: false, keep() {}, shutdown };
}

const HTTP: Readonly<Record<Config["http"], () => void>> = {
  on: () => observeHttp(head),
  "instrumentation-http": () =>
    loadNow<typeof import("./instrumentation-http.ts")>("sdk/instrumentation-http").instrumentHttp(),
  off: () => {},
};

function startFromSettings(config: Config, api: Api): Sdk {
  const resource = createResource(config);
  const contextManager = new AsyncLocalStorageContextManager().enable();
  if (api.context.setGlobalContextManager(contextManager)) readContextFrom(contextManager);
  api.propagation.setGlobalPropagator(createPropagator(config));
  let created: Outbox | undefined;
  const outbox = (): Outbox => (created ??= new Outbox(config, String(resource.attributes[ATTR_SERVICE_NAME])));
  const setup = { api, config, resource, outbox };
  const meterProvider = startMetrics(setup);
  const providers = [startTraces(setup), meterProvider, startLogs(setup)].filter((provider) => provider !== undefined);
  let isStopped = false;
  let areMetricsCollected = false;
  // A process in which nothing happened, such as a command line tool, does not load what sends, to send zeros.
  const isIdle = (): boolean => {
    const isShown = config.metricsExporters.includes("console");
    if (isShown || meterProvider?.isUsed === true || hasRecorded(hotMetrics)) return false;
    // What waits is not counted yet.
    created?.pack();
    return !hasRecorded(hotMetrics);
  };
  return {
    async flush() {
      if (!isStopped && !isIdle()) await Promise.allSettled([meterProvider?.forceFlush()]);
      areMetricsCollected = true;
      await created?.flush();
    },
    canKeep: config.spool,
    keep: () => created?.keep(areMetricsCollected || isIdle()),
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
  readonly api: Api;
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

/** Decides for the provider of the settings, where that is the one in use: the application may have registered its own. */
let head: Head | undefined;

/** Of the attributes of a span; none of ours has as many. */
const DEFAULT_LIMIT = 128;

function startTraces({ api, config, resource, outbox }: Setup): Stoppable | undefined {
  const processors = {
    otlp: () => spanProcessor(outbox(), config),
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
  if (api.trace.setGlobalTracerProvider(provider)) {
    head = idGenerator;
    const areLimited = config.attributeCountLimit < DEFAULT_LIMIT || config.attributeLengthLimit < Infinity;
    if (!areLimited) recordBy(recordDirectly({ processors: spanProcessors, resource, ids: idGenerator }, recordByApi));
  }
  return provider;
}

function startMetrics({ api, config, resource, outbox }: Setup): WatchedMeterProvider | undefined {
  const readers = createReaders(chosen(config.metricsExporters), config, outbox);
  if (readers.length === 0) return undefined;
  const provider = new WatchedMeterProvider({ resource, readers });
  api.metrics.setGlobalMeterProvider(provider);
  return provider;
}

function startLogs({ api, config, resource, outbox }: Setup): Stoppable | undefined {
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
  api.logs.setGlobalLoggerProvider(provider);
  api.legacyLogs.setGlobalLoggerProvider(provider);
  return provider;
}
