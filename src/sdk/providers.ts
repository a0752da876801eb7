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
import { useSpanWriter, writeByApi } from "../spans/writer.ts";
import { relyOnSpanWatch, spanWatch } from "../recording/rollup.ts";
import { writeDirectly } from "../spans/direct-writer.ts";
import { guard, isRegistered, registerAsGuest } from "./guest.ts";
import { HeadSampler } from "../spans/head-sampler.ts";
import { createPropagator, isBuiltIn } from "./propagators.ts";
import { createSampler } from "../spans/sampler.ts";
import { YieldingLoggerProvider, YieldingTracerProvider } from "./yielding.ts";

/** Setup that is the same in every thread of an application, independent of the destination of its telemetry. */

/**
 * The OpenTelemetry API in which the providers are registered. A process can contain several copies of it. Each copy
 * finds the registrations of all others, but tracers and loggers it returned before learn only of its own.
 */
export type Api = typeof openTelemetry & {
  /**
   * The API of `@opentelemetry/api-logs`: libraries that still emit through it look up their provider in a registry of
   * its own.
   */
  readonly legacyLogs: typeof oldLogs;
};

/** Parameters of the providers. */
interface Setup {
  readonly api: Api;
  readonly config: Config;
  readonly resource: Resource;
}

/** Registers the context manager, and the propagator for requests between processes. */
export function registerContext(config: Config, api: Api): void {
  const manager = new AsyncLocalStorageContextManager().enable();
  registerAsGuest(api, "context", () => api.context.setGlobalContextManager(manager), yieldLegacyLogs);
  const names = withoutNone(config.propagators);
  const propagator = createPropagator(names, config.correlationHeader);
  const isOurs = registerAsGuest(api, "propagation", () => api.propagation.setGlobalPropagator(propagator));
  // Propagators of other packages read more headers than they write.
  if (isOurs && names.every(isBuiltIn)) own.propagationHeaders = propagator.fields();
}

/** Parts of the registered SDK that are ours: the application may have registered its own. */
const own: { -readonly [name in keyof KnownSdk]: KnownSdk[name] } = { isMeasuring: () => isRegistered("metrics") };

/** Default limit of a span's attributes; none of our spans has as many. */
const DEFAULT_LIMIT = 128;

export function provideTraces({ api, config, resource }: Setup, spanProcessors: SpanProcessor[]): TracerProvider {
  const sampler = createSampler(config);
  const idGenerator = new HeadSampler(sampler);
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
    useSpanWriter(writeByApi);
  };
  if (registerAsGuest(api, "trace", () => api.trace.setGlobalTracerProvider(provider), yielded)) {
    own.headSampler = idGenerator;
    relyOnSpanWatch();
    const areLimited = config.attributeCountLimit < DEFAULT_LIMIT || config.attributeLengthLimit < Infinity;
    if (!areLimited)
      useSpanWriter(writeDirectly({ processors: spanProcessors, resource, ids: idGenerator }, writeByApi));
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

/** Global symbol under which `@opentelemetry/api-logs` stores its registration. */
const LEGACY_PLACE = Symbol.for("io.opentelemetry.js.api.logs");

/** Our registration there. */
const legacyLogs: { own?: YieldingLoggerProvider; get?: () => unknown } = {};

/** Removes our registration while an SDK of the application is being started. */
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

/** Offers the application a provider for its own metrics. */
export const provideMetrics = (api: Api, provider: MeterProvider): boolean =>
  registerAsGuest(api, "metrics", () => api.metrics.setGlobalMeterProvider(provider), yieldLegacyLogs);

/** Traces and measures HTTP requests, once the sampler of their spans is known. */
export const startHttp = ({ http }: Config): void => HTTP[http]();

const HTTP: Readonly<Record<Config["http"], () => void>> = {
  on: () => observeHttp(own),
  "instrumentation-http": () =>
    loadChunk<typeof import("./instrumentation-http.ts")>("src/sdk/instrumentation-http").instrumentHttp(),
  off: () => {},
};
