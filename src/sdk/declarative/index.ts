import { EventEmitter } from "node:events";
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { diag, logs, trace, type ProxyTracerProvider } from "@opentelemetry/api";
import { setGlobalErrorHandler } from "@opentelemetry/core";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import type { Resource } from "@opentelemetry/resources";
import type { LogRecordProcessor } from "@opentelemetry/sdk-logs";
import { AggregationType, InstrumentType, MetricReader, type MetricProducer } from "@opentelemetry/sdk-metrics";
import { startNodeSdk } from "@opentelemetry/sdk-node";
import type { SpanProcessor } from "@opentelemetry/sdk-trace";
import { boundCallbacks, MAX_WAIT_MS } from "../callbacks.ts";
import { Connections } from "../../server/connections.ts";
import { exportFailed } from "../../export/otlp/delivery-log.ts";
import { guard } from "../../server/guard.ts";
import { SeriesProducer } from "../../metrics/producer.ts";
import { metricRegistry } from "../../metrics/registry.ts";
import { leaveWhenAsked } from "../../server/asked-ports.ts";
import { log } from "../../runtime/self-log.ts";
import { oneLine, readConfig } from "../../config/index.ts";
import { receiveRecords, receiveSpans } from "../from-workers.ts";
import { adminChunk } from "../../runtime/chunks.ts";
import { ConfigFile } from "./config-file.ts";
import type { Stoppable } from "../stoppable.ts";

type Admin = (typeof import("../../admin/index.ts"))["admin"];

/** Consequence of an unusable configuration, as stated in the log. */
const NOTHING_SENT = "no telemetry is sent";

/** Starts the SDK that the file in `OTEL_CONFIG_FILE` describes, with our metrics in each of its readers. */
export function startFromFile(path: string): Stoppable[] {
  const file = new ConfigFile(path);
  const say = (problem: string, instead: string): void =>
    log.warn(oneLine(`OTEL_CONFIG_FILE="${path}" ${problem}; ${instead}`));
  if (file.mistake !== undefined) {
    say(file.mistake, NOTHING_SENT);
    return [];
  }
  if (file.oversight !== undefined) say(file.oversight, "the rest is in force");
  const undo = [joinReaders(), keepLog(file, say)];
  try {
    const sdk = startNodeSdk();
    setGlobalErrorHandler(exportFailed);
    receiveWorkers();
    return [sdk];
  } finally {
    for (const step of undo) step();
  }
}

/**
 * Adds our producer to every reader. sdk-node has no option for producers, but each reader it creates receives the
 * producer of its provider.
 */
function joinReaders(): () => void {
  const { setMetricProducer } = MetricReader.prototype;
  MetricReader.prototype.setMetricProducer = function join(this: MetricReader, producer) {
    const ours = new SeriesProducer(metricRegistry, {
      temporality: (type) => this.selectAggregationTemporality(type),
      exponential: this.selectAggregation(InstrumentType.HISTOGRAM).type === AggregationType.EXPONENTIAL_HISTOGRAM,
    });
    // The producer that a reader receives has access to the meters, like the provider itself.
    boundCallbacks(producer, MAX_WAIT_MS);
    setMetricProducer.call(this, joined(producer, ours));
    if (this instanceof PrometheusExporter) serveOurText(this);
  };
  return () => {
    MetricReader.prototype.setMetricProducer = setMetricProducer;
  };
}

/** Provider created by sdk-node, which has no public access to its processors. */
interface Provider {
  readonly _resource?: Resource;
  readonly _activeSpanProcessor?: SpanProcessor;
  readonly _sharedState?: { readonly resource: Resource; readonly activeProcessor: LogRecordProcessor };
}

/**
 * Passes spans and log records ended in workers to the processors of the file. Sampling in workers is determined by the
 * environment variables.
 */
function receiveWorkers(): void {
  const tracing = (trace.getTracerProvider() as ProxyTracerProvider).getDelegate() as Provider;
  const logging = logs.getLoggerProvider() as Provider;
  if (tracing._activeSpanProcessor !== undefined) receiveSpans(tracing._resource!, [tracing._activeSpanProcessor]);
  if (logging._sharedState !== undefined)
    receiveRecords(logging._sharedState.resource, [logging._sharedState.activeProcessor]);
}

const joined = (first: MetricProducer, second: MetricProducer): MetricProducer => ({
  async collect(options) {
    const [theirs, ours] = await Promise.all([first.collect(options), second.collect(options)]);
    const { resource, scopeMetrics } = theirs.resourceMetrics;
    return {
      resourceMetrics: { resource, scopeMetrics: [...scopeMetrics, ...ours.resourceMetrics.scopeMetrics] },
      errors: [...theirs.errors, ...ours.errors],
    };
  },
});

/** Exporter that listens as soon as it is created; these two fields determine its response. */
interface ListeningExporter {
  _server: Server;
  _exportMetrics: (response: ServerResponse & { req: IncomingMessage }) => void;
}

function serveOurText(exporter: PrometheusExporter): void {
  const listening = exporter as unknown as ListeningExporter;
  const scrapes = new (adminChunk<Admin>().Scrapes)(exporter, readConfig().config.metricAliases);
  listening._exportMetrics = (response) => guard.watch(scrapes.answer(response.req, response));
  const { _server: server } = listening;
  // A scrape is not a request of the application.
  server.emit = EventEmitter.prototype.emit;
  const [answer] = server.listeners("request");
  server.removeAllListeners("request");
  const connections = new Connections(server, answer as RequestListener);
  leaveWhenAsked(server, (port) => {
    if ((server.address() as AddressInfo | null)?.port !== port) return;
    server.close();
    connections.closeAll();
    log.warn(`no metrics on port ${port}: it is left to the application, which asked for it`);
  });
}

/** Redirects the problems that sdk-node finds in the file from the console to our log, one line each. */
function keepLog(file: ConfigFile, say: (problem: string, instead: string) => void): () => void {
  const { setLogger } = diag;
  const report = (...parts: unknown[]): void => {
    const message = parts.map((part) => (part instanceof Error ? part.message : String(part))).join(" ");
    const [, mistake] = /^Could not .*?, SDK will not be setup: (.*)$/s.exec(message) ?? [];
    say(file.explain(mistake ?? message), mistake === undefined ? "the rest is in force" : NOTHING_SENT);
  };
  diag.setLogger(
    { error: report, warn: report, info: log.debug, debug: log.debug, verbose: log.debug },
    { suppressOverrideMessage: true },
  );
  diag.setLogger = () => true;
  return () => {
    diag.setLogger = setLogger;
  };
}
