import type { Agent, ClientRequest, IncomingMessage } from "node:http";
import { diag } from "@opentelemetry/api";
import { ExportResultCode, type ExportResult } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";
import { BatchSpanProcessor, type SpanProcessor } from "@opentelemetry/sdk-trace";
import type { Config } from "../../config/index.ts";
import { ownAgent } from "../../runtime/own-request.ts";
import { ownStream } from "../../runtime/own-stream.ts";
import { log } from "../../runtime/self-log.ts";
import { letProcessEnd } from "../../runtime/unref-request.ts";
import { reasonOf } from "./delivery-log.ts";
import { guard } from "./guard.ts";

/**
 * Timeout of a request. It is shorter than the exporter's first wait before a retry, of 800 ms or more, whose timer would
 * keep the process alive; and than the deadline of the last export.
 */
const TIMEOUT_MS = 750;

/** Maximum requests at a time; further batches are left out. */
const MAX_REQUESTS = 8;

/** Headers that are sent. The exporter adds those of the Collector from the environment, with its credentials. */
const SENT_HEADERS: ReadonlySet<string> = new Set(["host", "content-type", "user-agent"]);

/** Creates the processor that sends a copy of each sampled span to a second receiver, at best effort. */
export function tracesCopy(url: string, { spanQueueSize, spanBatchSize, spanDelay }: Config): SpanProcessor {
  // This copy of the API is the processor's alone.
  Object.assign(diag, { warn: log.debug, debug: log.debug });
  const exporter = new OTLPTraceExporter({
    url,
    timeoutMillis: TIMEOUT_MS,
    concurrencyLimit: MAX_REQUESTS,
    compression: CompressionAlgorithm.NONE,
    httpAgentOptions: boundedAgent,
  });
  const finished = guard.callback(({ code, error }: ExportResult) => {
    if (code === ExportResultCode.FAILED) report(error);
  });
  const batching = new BatchSpanProcessor({
    maxQueueSize: spanQueueSize,
    maxExportBatchSize: Math.min(spanBatchSize, spanQueueSize),
    scheduledDelayMillis: spanDelay,
    exporter: {
      export(spans, done) {
        guard.attempt(() => exporter.export(spans, finished));
        // Not when it is sent: the processor waits for that with a timer that keeps the process alive.
        done({ code: ExportResultCode.SUCCESS });
      },
      forceFlush: () => exporter.forceFlush(),
      shutdown: () => exporter.shutdown(),
    },
  });
  return {
    onStart() {},
    onEnd: (span) => batching.onEnd(span),
    async forceFlush() {
      await batching.forceFlush();
      await exporter.forceFlush();
    },
    shutdown: () => batching.shutdown(),
  };
}

let isReported = false;

function report(error: unknown): void {
  const message = `copies of spans cannot be sent to STRATASCOPE_TRACES_COPY_ENDPOINT (${reasonOf(error)})`;
  if (isReported) return log.debug(message);
  isReported = true;
  log.warn(`${message}; they are left out, and nothing else is affected`);
}

/** Method through which Node.js and packages pass each request to its agent. */
interface RequestingAgent {
  addRequest(request: ClientRequest, ...rest: unknown[]): void;
}

/** Creates an agent that bounds the exporter's requests. */
function boundedAgent(protocol: string): Agent {
  const agent = ownAgent({ protocol });
  const requesting = agent as unknown as RequestingAgent;
  const { addRequest } = requesting;
  requesting.addRequest = (request, ...rest) => {
    guard.attempt(() => bound(request));
    addRequest.call(agent, request, ...rest);
  };
  return agent;
}

function bound(request: ClientRequest): void {
  for (const name of request.getHeaderNames()) if (!SENT_HEADERS.has(name)) request.removeHeader(name);
  letProcessEnd(request);
  // The exporter's own timeout is that of an idle connection.
  const late = setTimeout(
    guard.callback(() => request.destroy()),
    TIMEOUT_MS,
  ).unref();
  request.on(
    "close",
    guard.callback(() => clearTimeout(late)),
  );
  const answered = guard.callback((response: IncomingMessage) => {
    ownStream(response);
    // The exporter would retry as often as it is asked to.
    delete response.headers["retry-after"];
  });
  request.prependListener("response", answered);
}
