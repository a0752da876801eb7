import { withoutNone } from "../config/option.ts";
import type { Resource } from "@opentelemetry/resources";
import { ConsoleLogRecordExporter, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { ConsoleSpanExporter, SimpleSpanProcessor, type SpanProcessor } from "@opentelemetry/sdk-trace";
import { ATTR_SERVICE_NAME } from "@opentelemetry/semantic-conventions";
import type { Config } from "../config/index.ts";
import { loadChunk } from "../runtime/chunks.ts";
import { listen } from "../server/index.ts";
import { isIdle } from "../metrics/idle.ts";
import { metricRegistry } from "../metrics/registry.ts";
import { configureLogs } from "../logs/loggers.ts";
import { OtlpPipeline } from "../export/otlp/pipeline.ts";
import { logProcessor, spanProcessor } from "../export/otlp/processors.ts";
import { isMainThread } from "../runtime/thread.ts";
import { takeFromWorkers } from "../threads/main-thread.ts";
import { receiveRecords, receiveSpans } from "./from-workers.ts";
import { registerDiagnostics, routeDiagnostics } from "./self-diagnostics.ts";
import { LateMeterProvider } from "./meter-provider.ts";
import { registerContext, provideLogs, provideMetrics, provideTraces, startHttp, type Api } from "./providers.ts";
import { createResource } from "./resource.ts";
import type { Stoppable } from "./stoppable.ts";

/** Started providers. */
export interface Sdk {
  /**
   * Exports pending telemetry. Never rejects; its duration is limited by the exporters.
   * @param isLast true if the process ends: the current metrics are then its last
   */
  flush(isLast: boolean): Promise<void>;
  /** True if unsent telemetry can be spooled. */
  readonly hasSpool: boolean;
  /** Spools unsent telemetry for the next start, synchronously; the last step before the end. */
  spool(): void;
  /** Exports pending telemetry and stops. Never rejects. */
  shutdown(): Promise<void>;
}

/** Starts the OpenTelemetry SDK according to the settings, and registers it for use by the application. */
export function startSdk(config: Config, api: Api): Sdk {
  const sdk = config.configFile === "" ? startFromSettings(config, api) : startFromFile(config, api);
  routeDiagnostics();
  startHttp(config);
  return sdk;
}

const stopAll = async (providers: readonly Stoppable[]): Promise<void> => {
  await Promise.allSettled(providers.map((provider) => provider.shutdown()));
};

/** Starts the SDK from a configuration file. This triples the start-up time, so its module is loaded on demand. */
function startFromFile(config: Config, api: Api): Sdk {
  const { startFromFile } = loadChunk<typeof import("./declarative/index.ts")>("src/sdk/declarative/index");
  const providers = startFromFile(config.configFile);
  registerDiagnostics(api.diag, config.logLevel);
  api.legacyLogs.setGlobalLoggerProvider(api.logs.getLoggerProvider());
  const shutdown = (): Promise<void> => {
    takeFromWorkers();
    return stopAll(providers);
  };
  // The SDK that sdk-node starts can only be stopped.
  return { flush: shutdown, hasSpool: false, spool() {}, shutdown };
}

function startFromSettings(config: Config, api: Api): Sdk {
  const resource = createResource(config);
  configureLogs(config, resource.attributes);
  registerContext(config, api);
  let created: OtlpPipeline | undefined;
  const pipeline = (): OtlpPipeline =>
    (created ??= new OtlpPipeline(config, String(resource.attributes[ATTR_SERVICE_NAME])));
  const copy = tracesCopy(config);
  const setup = { api, config, resource, pipeline, copy };
  const meterProvider = startMetrics(setup);
  const providers = [startTraces(setup), meterProvider, startLogs(setup)].filter((provider) => provider !== undefined);
  let isStopped = false;
  let areMetricsCollected = false;
  // A process in which nothing happened, such as a command line tool, does not load the exporter to send zeros.
  const isWithoutWork = (): boolean =>
    !config.metricsExporters.includes("console") && meterProvider?.isUsed !== true && isIdle();
  return {
    async flush(isLast) {
      if (isLast) metricRegistry.otherThreads?.hurry();
      // First, so that the last metrics count what is lost for want of room.
      created?.pack();
      const copied = copy?.forceFlush();
      if (!isStopped && !isWithoutWork()) await Promise.allSettled([meterProvider?.forceFlush()]);
      areMetricsCollected ||= isLast;
      await created?.flush();
      await copied;
    },
    hasSpool: config.spool,
    spool() {
      if (!config.spool) return;
      created?.pack();
      const areMetricsLeft = !areMetricsCollected && !isWithoutWork();
      if (areMetricsLeft) meterProvider?.begin();
      created?.spool(!areMetricsLeft);
    },
    async shutdown() {
      isStopped = true;
      areMetricsCollected = true;
      await stopAll(providers);
      await created?.flush();
    },
  };
}

/** Parameters with which the signals are started. */
interface Setup {
  readonly api: Api;
  readonly config: Config;
  readonly resource: Resource;
  /** Returns the OTLP pipeline, for the signals that are exported over it. */
  readonly pipeline: () => OtlpPipeline;
  /** Processor that sends copies of spans. */
  readonly copy: SpanProcessor | undefined;
}

/** Creates the processor that sends copies of spans, if there is a receiver for them. */
function tracesCopy(config: Config): SpanProcessor | undefined {
  if (config.tracesCopyEndpoint === undefined) return undefined;
  const { tracesCopy } = loadChunk<typeof import("../export/otlp/traces-copy.ts")>("src/export/otlp/traces-copy");
  return tracesCopy(config.tracesCopyEndpoint, config);
}

function startTraces({ api, config, resource, pipeline, copy }: Setup): Stoppable | undefined {
  const processors = {
    otlp: () => spanProcessor({ pipeline: pipeline(), take: takeFromWorkers }, config),
    console: () => new SimpleSpanProcessor({ exporter: new ConsoleSpanExporter() }),
    none: () => undefined,
  };
  const spanProcessors: SpanProcessor[] = withoutNone(config.tracesExporters).flatMap(
    (name) => processors[name]() ?? [],
  );
  if (spanProcessors.length === 0) return undefined;
  if (copy !== undefined) spanProcessors.push(copy);
  const provider = provideTraces({ api, config, resource }, spanProcessors);
  receiveSpans(resource, spanProcessors);
  return provider;
}

function startMetrics({ api, ...setup }: Setup): LateMeterProvider | undefined {
  const { config } = setup;
  // A worker's metrics are pushed; only one thread of a process can listen on the port.
  const names = withoutNone(config.metricsExporters).filter((name) => isMainThread || name !== "prometheus");
  if (names.length === 0) return undefined;
  const areScraped = names.includes("prometheus");
  const provider = new LateMeterProvider(
    () => loadChunk<typeof import("./metrics.ts")>("src/sdk/metrics").startReaders(names, setup),
    !areScraped || names.length > 1,
  );
  if (areScraped) provider.endpoint = listen(config, provider);
  provideMetrics(api, provider);
  return provider;
}

function startLogs({ api, config, resource, pipeline }: Setup): Stoppable | undefined {
  const processors = {
    otlp: () => logProcessor({ pipeline: pipeline(), take: takeFromWorkers }, config),
    console: () => new SimpleLogRecordProcessor({ exporter: new ConsoleLogRecordExporter() }),
    none: () => undefined,
  };
  const logProcessors = withoutNone(config.logsExporters).flatMap((name) => processors[name]() ?? []);
  if (logProcessors.length === 0) return undefined;
  const provider = provideLogs({ api, config, resource }, logProcessors);
  receiveRecords(resource, logProcessors);
  return provider;
}
