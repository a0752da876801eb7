/**
 * A pipeline inside the process of the tests: engines are hooked as `--require ./register` hooks them, spans are
 * kept in memory, metrics are collected when a test asks.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { context, SpanKind, trace, type Attributes } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import type { MetricData } from "@opentelemetry/sdk-metrics";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider, type ReadableSpan } from "@opentelemetry/sdk-trace";
import { engines } from "../../instrumentations/index.ts";
import { EngineInstrumentation } from "../../src/boot/otel-instrumentation.ts";
import { hookModules } from "../../src/boot/module-hooks.ts";
import { setSelfLogLevel } from "../../src/runtime/self-log.ts";
import { cumulativeProducer } from "../../src/metrics/producer.ts";
import { copyPackage } from "./copy.ts";
import { temporaryFolder } from "./temp.ts";

const require = createRequire(import.meta.url);
const exporter = new InMemorySpanExporter();

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
setSelfLogLevel("none");
hookModules(engines.map((engine) => new EngineInstrumentation(engine)));

/**
 * Loads a copy of a package with prototypes and native code of its own.
 * @param isObserved true if it lies in a `node_modules`, where the hooks find it
 */
export function copyOf<T>(name: string, isObserved: boolean): T {
  const copy = join(temporaryFolder(), isObserved ? "node_modules" : "elsewhere", name);
  return require(copyPackage(name, copy)) as T;
}

/** One reader for all tests: the series of a closed database end once every reader has collected them. */
const producer = cumulativeProducer();

/** Collects our current metrics. */
export async function collect(): Promise<MetricData[]> {
  const { resourceMetrics } = await producer.collect();
  return resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
}

/** Series with its count or value. */
export interface Series {
  readonly metric: string;
  readonly attributes: Attributes;
  /** The value of a sum or gauge, the count of a histogram. */
  readonly value: number;
}

/** Returns the series that have the given attributes. */
export async function seriesWith(attributes: Attributes): Promise<Series[]> {
  const metrics = await collect();
  const all = metrics.flatMap(({ descriptor, dataPoints }) =>
    dataPoints.map((point): Series => {
      const value = typeof point.value === "number" ? point.value : point.value.count;
      return { metric: descriptor.name, attributes: point.attributes, value };
    }),
  );
  const has = (series: Series): boolean =>
    Object.entries(attributes).every(([key, value]) => series.attributes[key] === value);
  return all.filter(has);
}

/** Returns the sum of the series of a metric that have the given attributes. */
export async function count(metric: string, attributes: Attributes): Promise<number> {
  const series = await seriesWith(attributes);
  return series.filter((each) => each.metric === metric).reduce((sum, { value }) => sum + value, 0);
}

/** Runs code inside a recording span. @returns the spans that ended meanwhile, that one included, in the order of their ends */
export function spansOf(code: () => void): ReadableSpan[] {
  exporter.reset();
  trace.getTracer("test").startActiveSpan("request", (span) => {
    try {
      code();
    } finally {
      span.end();
    }
  });
  return exporter.getFinishedSpans();
}

/** Same as `spansOf`, for asynchronous code. */
export async function spansDuring(code: () => Promise<unknown>): Promise<ReadableSpan[]> {
  exporter.reset();
  await trace.getTracer("test").startActiveSpan("request", async (span) => {
    try {
      await code();
    } finally {
      span.end();
    }
  });
  return exporter.getFinishedSpans();
}

/** Returns the spans that do not depend on durations: all but those of statements, which have one only if they are slow. */
export const withoutStatements = (spans: readonly ReadableSpan[]): ReadableSpan[] =>
  spans.filter(({ kind }) => kind !== SpanKind.CLIENT);
