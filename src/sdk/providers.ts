import type { default as openTelemetry, TextMapPropagator } from "@opentelemetry/api";
import type { logs as legacyLogs } from "@opentelemetry/api-logs";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import type { Resource } from "@opentelemetry/resources";
import { LoggerProvider, type LogRecordProcessor } from "@opentelemetry/sdk-logs";
import { TracerProvider, type SpanProcessor } from "@opentelemetry/sdk-trace";
import type { Config } from "../config.ts";
import { withCorrelation } from "../correlation/propagation.ts";
import { observeHttp, type KnownSdk } from "../http/index.ts";
import { loadNow } from "../lazy.ts";
import { ancestry } from "../logs/ancestors.ts";
import { recordBy, recordByApi } from "../spans/recorder.ts";
import { relyOnSpanWatch, spanWatch } from "../spans/rollup.ts";
import { recordDirectly } from "./direct-spans.ts";
import { Head } from "./head.ts";
import { createSampler } from "./sampler.ts";

/** What every thread of an application has alike, wherever its telemetry goes. */

/**
 * The API of OpenTelemetry, with which the providers are registered. A process can have several copies of it. Each finds
 * what any of them has registered, but tracers and loggers it gave out before learn only of what it registers itself.
 */
export type Api = typeof openTelemetry & {
  /** Of `@opentelemetry/api-logs`: libraries that still emit through it look for their provider in a place of its own. */
  readonly legacyLogs: typeof legacyLogs;
};

/** What providers are made of. */
interface Setup {
  readonly api: Api;
  readonly config: Config;
  readonly resource: Resource;
}

/** `none` beside other exporters means none. */
export const chosen = <T extends string>(names: readonly T[]): readonly T[] =>
  names.includes("none" as T) ? [] : names;

const PROPAGATORS = {
  tracecontext: () => [new W3CTraceContextPropagator()],
  baggage: () => [new W3CBaggagePropagator()],
  none: () => [],
};

function createPropagator({ propagators, correlationHeader }: Config): TextMapPropagator {
  const names = chosen(propagators);
  const composite = new CompositePropagator({ propagators: names.flatMap((name) => PROPAGATORS[name]()) });
  return names.length === 0 ? composite : withCorrelation(composite, correlationHeader);
}

/** Has context follow the application's calls, and its requests from process to process. */
export function carryContext(config: Config, api: Api): void {
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const propagator = createPropagator(config);
  if (api.propagation.setGlobalPropagator(propagator)) own.carriers = propagator.fields();
}

/** What of the SDK in use is that of the settings: the application may have registered its own. */
const own: { -readonly [name in keyof KnownSdk]: KnownSdk[name] } = {};

/** Of the attributes of a span; none of ours has as many. */
const DEFAULT_LIMIT = 128;

export function provideTraces({ api, config, resource }: Setup, spanProcessors: SpanProcessor[]): TracerProvider {
  const sampler = createSampler(config);
  const idGenerator = new Head(sampler);
  const provider = new TracerProvider({
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
  if (api.trace.setGlobalTracerProvider(provider)) {
    own.head = idGenerator;
    relyOnSpanWatch();
    const areLimited = config.attributeCountLimit < DEFAULT_LIMIT || config.attributeLengthLimit < Infinity;
    if (!areLimited) recordBy(recordDirectly({ processors: spanProcessors, resource, ids: idGenerator }, recordByApi));
  }
  return provider;
}

export function provideLogs({ api, config, resource }: Setup, processors: LogRecordProcessor[]): LoggerProvider {
  const { attributeCountLimit, attributeLengthLimit: attributeValueLengthLimit } = config;
  const provider = new LoggerProvider({
    resource,
    processors,
    logRecordLimits: { attributeCountLimit, attributeValueLengthLimit },
  });
  api.logs.setGlobalLoggerProvider(provider);
  api.legacyLogs.setGlobalLoggerProvider(provider);
  return provider;
}

/** Traces and measures HTTP requests, once it is known who decides about their spans. */
export const startHttp = ({ http }: Config): void => HTTP[http]();

const HTTP: Readonly<Record<Config["http"], () => void>> = {
  on: () => observeHttp(own),
  "instrumentation-http": () =>
    loadNow<typeof import("./instrumentation-http.ts")>("sdk/instrumentation-http").instrumentHttp(),
  off: () => {},
};
