import { context, logs, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import type { Resource } from "@opentelemetry/resources";
import { LoggerProvider, type LogRecordProcessor } from "@opentelemetry/sdk-logs";
import { TracerProvider, type SpanProcessor } from "@opentelemetry/sdk-trace";
import type { Config } from "../config.ts";
import { observeHttp } from "../http/index.ts";
import { loadNow } from "../lazy.ts";
import { readContextFrom } from "../spans/rollup.ts";
import { Head } from "./head.ts";
import { bridgeLegacyLogs } from "./legacy-logs.ts";
import { createSampler } from "./sampler.ts";

/** What every thread of an application has alike, wherever its telemetry goes. */

/** `none` beside other exporters means none. */
export const chosen = <T extends string>(names: readonly T[]): readonly T[] =>
  names.includes("none" as T) ? [] : names;

const PROPAGATORS = {
  tracecontext: () => [new W3CTraceContextPropagator()],
  baggage: () => [new W3CBaggagePropagator()],
  none: () => [],
};

/** Has context follow the application's calls, and its requests from process to process. */
export function carryContext({ propagators }: Config): void {
  const contextManager = new AsyncLocalStorageContextManager().enable();
  if (context.setGlobalContextManager(contextManager)) readContextFrom(contextManager);
  const names = propagators.includes("none") ? [] : propagators;
  propagation.setGlobalPropagator(
    new CompositePropagator({ propagators: names.flatMap((name) => PROPAGATORS[name]()) }),
  );
}

/** Decides for the provider of the settings, where that is the one in use: the application may have registered its own. */
let head: Head | undefined;

export function provideTraces(config: Config, resource: Resource, spanProcessors: SpanProcessor[]): TracerProvider {
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

export function provideLogs(config: Config, resource: Resource, processors: LogRecordProcessor[]): LoggerProvider {
  const { attributeCountLimit, attributeLengthLimit: attributeValueLengthLimit } = config;
  const provider = new LoggerProvider({
    resource,
    processors,
    logRecordLimits: { attributeCountLimit, attributeValueLengthLimit },
  });
  logs.setGlobalLoggerProvider(provider);
  bridgeLegacyLogs(provider);
  return provider;
}

/** Traces and measures HTTP requests, once it is known who decides about their spans. */
export const startHttp = ({ http }: Config): void => HTTP[http]();

const HTTP: Readonly<Record<Config["http"], () => void>> = {
  on: () => observeHttp(head),
  "instrumentation-http": () =>
    loadNow<typeof import("./instrumentation-http.ts")>("sdk/instrumentation-http").instrumentHttp(),
  off: () => {},
};
