import { join } from "node:path";
import { context, metrics, trace, ValueType, type Span } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import { AlwaysOffSampler, NoopSpanProcessor, TracerProvider, type Sampler } from "@opentelemetry/sdk-trace";

type Methods = Record<"run" | "get", (this: unknown, ...args: unknown[]) => unknown>;

/** How the calls of a process are observed. */
export interface Variant {
  readonly doc: string;
  /** Started with `--require ./register`. */
  readonly preload: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Prepares the process, before the database is opened. */
  readonly setUp?: () => void;
  /** Wraps the prototype of statements. */
  readonly wrap?: (statement: Methods) => void;
  /** Runs the work inside of an active span. */
  readonly inSpan: boolean;
}

/** What `--require` is given. */
export const REGISTER = join(import.meta.dirname, "../../register/index.js");

/** Required before that. */
export const OFFLINE_PROVIDER = join(import.meta.dirname, "offline-provider.ts");

/** Nothing is sent during a measurement: what that costs is a matter of how much is recorded, not of how. */
export const OFFLINE = {
  OTEL_METRICS_EXPORTER: "prometheus",
  OTEL_EXPORTER_PROMETHEUS_PORT: "0",
  OTEL_LOGS_EXPORTER: "none",
  OTEL_BSP_SCHEDULE_DELAY: "3600000",
  STRATASCOPE_SPOOL: "false",
  OTEL_LOG_LEVEL: "none",
};

class ManualReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

function startSdk(sampler?: Sampler): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(
    new TracerProvider({ spanProcessors: [new NoopSpanProcessor()], ...(sampler && { sampler }) }),
  );
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [new ManualReader()] }));
}

const ATTRIBUTES = { "db.system.name": "sqlite", "db.namespace": "bench", "db.operation.name": "SELECT" };

function wrapAll(statement: Methods, around: (original: () => unknown) => unknown): void {
  for (const name of ["run", "get"] as const) {
    const original = statement[name];
    statement[name] = function observed(...args) {
      return around(() => original.apply(this, args));
    };
  }
}

/** What instrumentation written with the SDK's histogram does at each call. */
function recordHistogram(statement: Methods): void {
  const histogram = metrics
    .getMeter("bench")
    .createHistogram("db.client.operation.duration", { unit: "s", valueType: ValueType.DOUBLE });
  wrapAll(statement, (call) => {
    const start = performance.now();
    const result = call();
    histogram.record((performance.now() - start) / 1000, ATTRIBUTES);
    return result;
  });
}

/** What instrumentation with a span for each operation does. */
function startSpans(statement: Methods): void {
  const tracer = trace.getTracer("bench");
  wrapAll(statement, (call) => {
    const span = tracer.startSpan("SELECT kv", { attributes: ATTRIBUTES });
    const result = call();
    span.end();
    return result;
  });
}

export const VARIANTS = {
  "no instrumentation": { doc: "the control: both copies unobserved", preload: false, inSpan: false },
  "stratascope, recording": {
    doc: "all metrics, rollup on a sampled parent, exemplars",
    preload: true,
    env: OFFLINE,
    inSpan: true,
  },
  "stratascope, not recording": {
    doc: "all metrics, parent not sampled",
    preload: true,
    env: { ...OFFLINE, OTEL_TRACES_SAMPLER: "always_off" },
    inSpan: true,
  },
  "SDK histogram": {
    doc: "one histogram record per call, three attributes",
    preload: false,
    setUp: () => startSdk(),
    wrap: recordHistogram,
    inSpan: true,
  },
  "span per operation, not sampled": {
    doc: "one span per call, sampler off",
    preload: false,
    setUp: () => startSdk(new AlwaysOffSampler()),
    wrap: startSpans,
    inSpan: true,
  },
  "span per operation": {
    doc: "one span per call, recorded and not exported",
    preload: false,
    setUp: () => startSdk(),
    wrap: startSpans,
    inSpan: true,
  },
} as const satisfies Record<string, Variant>;

export type VariantName = keyof typeof VARIANTS;

/** Runs work inside a new active span. */
export function inSpan(work: () => void): void {
  const tracer = trace.getTracer("bench");
  tracer.startActiveSpan("work", (span: Span) => {
    work();
    span.end();
  });
}
