import { withoutNone } from "../config/option.ts";
import type { default as openTelemetry, MeterProvider } from "@opentelemetry/api";
import type { logs as oldLogs } from "@opentelemetry/api-logs";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import type { Resource } from "@opentelemetry/resources";
import type { LoggerProvider, LogRecordProcessor } from "@opentelemetry/sdk-logs";
import type { SpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import type { Config } from "../config/index.ts";
import { observeHttp, type KnownSdk } from "../../instrumentations/http/index.ts";
import { loadChunk } from "../runtime/chunks.ts";
import { ancestry } from "../logs/span-ancestors.ts";
import { recordBy, recordByApi } from "../spans/writer.ts";
import { relyOnSpanWatch, spanWatch } from "../recording/rollup.ts";
import { recordDirectly } from "../spans/direct-writer.ts";
import { guard, isRegistered, registerAsGuest } from "./guest.ts";
import { Head } from "../spans/head-sampler.ts";
import { createPropagator, isBuiltIn } from "./propagators.ts";
import { createSampler } from "../spans/sampler.ts";
import { YieldingLoggerProvider, YieldingTracerProvider } from "./yielding.ts";

/** What every thread of an application has alike, wherever its telemetry goes. */

/**
 * The API of OpenTelemetry, with which the providers are registered. A process can have several copies of it. Each finds
 * what any of them has registered, but tracers and loggers it gave out before learn only of what it registers itself.
 */
export type Api = typeof openTelemetry & {
  /** Of `@opentelemetry/api-logs`: libraries that still emit through it look for their provider in a place of its own. */
  readonly legacyLogs: typeof oldLogs;
};

/** What providers are made of. */
interface Setup {
  readonly api: Api;
  readonly config: Config;
  readonly resource: Resource;
}

/** Has context follow the application's calls, and its requests from process to process. */
export function registerContext(config: Config, api: Api): void {
  const manager = new AsyncLocalStorageContextManager().enable();
  registerAsGuest(api, "context", () => api.context.setGlobalContextManager(manager), yieldLegacyLogs);
  const names = withoutNone(config.propagators);
  const propagator = createPropagator(names, config.correlationHeader);
  const isOurs = registerAsGuest(api, "propagation", () => api.propagation.setGlobalPropagator(propagator));
  // The packages of others look into more headers than they write.
  if (isOurs && names.every(isBuiltIn)) own.carriers = propagator.fields();
}

/** What of the SDK in use is that of the settings: the application may have registered its own. */
const own: { -readonly [name in keyof KnownSdk]: KnownSdk[name] } = { isMeasuring: () => isRegistered("metrics") };

/** Of the attributes of a span; none of ours has as many. */
const DEFAULT_LIMIT = 128;

export function provideTraces({ api, config, resource }: Setup, spanProcessors: SpanProcessor[]): TracerProvider {
  const sampler = createSampler(config);
  const idGenerator = new Head(sampler);
  const provider = new YieldingTracerProvider({
    resource,
    spanProcessors: [spanWatch, ancestry, ...spanProcessors],
    sampler,
    idGenerator,
    spanLimits: {
      attributeCountLimit: config.attributeCountLimit,
      attributeValueLengthLimit: config.attributeLengthLimit,
      eventCountLimit: config.spanEventLimit,
      linkCountLimit: config.spanLinkLimit,
    },
  });
  const yielded = (theirs: unknown): void => {
    yieldLegacyLogs();
    provider.successor = theirs as YieldingTracerProvider["successor"];
    recordBy(recordByApi);
  };
  if (registerAsGuest(api, "trace", () => api.trace.setGlobalTracerProvider(provider), yielded)) {
    own.head = idGenerator;
    relyOnSpanWatch();
    const areLimited = config.attributeCountLimit < DEFAULT_LIMIT || config.attributeLengthLimit < Infinity;
    if (!areLimited) recordBy(recordDirectly({ processors: spanProcessors, resource, ids: idGenerator }, recordByApi));
  }
  return provider;
}

export function provideLogs({ api, config, resource }: Setup, processors: LogRecordProcessor[]): LoggerProvider {
  const { attributeCountLimit, attributeLengthLimit: attributeValueLengthLimit } = config;
  const provider = new YieldingLoggerProvider({
    resource,
    processors,
    logRecordLimits: { attributeCountLimit, attributeValueLengthLimit },
  });
  registerAsGuest(
    api,
    "logs",
    () => api.logs.setGlobalLoggerProvider(provider),
    (theirs) => {
      provider.successor = theirs as YieldingLoggerProvider["successor"];
    },
  );
  api.legacyLogs.setGlobalLoggerProvider(provider);
  legacyLogs.own = provider;
  legacyLogs.get = () => api.legacyLogs.getLoggerProvider();
  return provider;
}

/** Where `@opentelemetry/api-logs` keeps what is registered. */
const LEGACY_PLACE = Symbol.for("io.opentelemetry.js.api.logs");

/** What is registered there. */
const legacyLogs: { own?: YieldingLoggerProvider; get?: () => unknown } = {};

/** Leaves it to an SDK of the application's that is being started, for as long as that takes. */
function yieldLegacyLogs(): void {
  const { own: provider, get } = legacyLogs;
  if (provider === undefined || get!() !== provider) return;
  const holder = globalThis as { [LEGACY_PLACE]?: unknown };
  const ours = holder[LEGACY_PLACE];
  delete holder[LEGACY_PLACE];
  setImmediate(
    guard.callback(() => {
      if (holder[LEGACY_PLACE] === undefined) holder[LEGACY_PLACE] = ours;
      else provider.successor ??= get!() as YieldingLoggerProvider["successor"];
    }),
  ).unref();
}

/** Offers the application a provider for metrics of its own. */
export const provideMetrics = (api: Api, provider: MeterProvider): boolean =>
  registerAsGuest(api, "metrics", () => api.metrics.setGlobalMeterProvider(provider), yieldLegacyLogs);

/** Traces and measures HTTP requests, once it is known who decides about their spans. */
export const startHttp = ({ http }: Config): void => HTTP[http]();

const HTTP: Readonly<Record<Config["http"], () => void>> = {
  on: () => observeHttp(own),
  "instrumentation-http": () =>
    loadChunk<typeof import("./instrumentation-http.ts")>("src/sdk/instrumentation-http").instrumentHttp(),
  off: () => {},
};
