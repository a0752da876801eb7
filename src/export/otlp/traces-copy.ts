import { diag } from "@opentelemetry/api";
import { ExportResultCode, type ExportResult } from "@opentelemetry/core";
import type { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { BatchSpanProcessor, type SpanProcessor } from "@opentelemetry/sdk-trace";
import type { Config } from "../../config/index.ts";
import { loadChunk } from "../../runtime/chunks.ts";
import { log } from "../../runtime/self-log.ts";
import { reasonOf } from "./delivery-log.ts";
import { guard } from "./guard.ts";

/** Creates the processor that sends a copy of each sampled span to a second receiver, at best effort. */
export function tracesCopy(url: string, { spanQueueSize, spanBatchSize, spanDelay }: Config): SpanProcessor {
  // This copy of the API is the processor's alone.
  Object.assign(diag, { warn: log.debug, debug: log.debug });
  let exporter: OTLPTraceExporter | undefined;
  // With the first batch: loading it takes longer than all else at the start.
  const loaded = (): OTLPTraceExporter =>
    (exporter ??= loadChunk<typeof import("./traces-copy-exporter.ts")>(
      "src/export/otlp/traces-copy-exporter",
    ).copyExporter(url));
  const finished = guard.callback(({ code, error }: ExportResult) => {
    if (code === ExportResultCode.FAILED) report(error);
  });
  const batching = new BatchSpanProcessor({
    maxQueueSize: spanQueueSize,
    maxExportBatchSize: Math.min(spanBatchSize, spanQueueSize),
    scheduledDelayMillis: spanDelay,
    exporter: {
      export(spans, done) {
        try {
          loaded().export(spans, finished);
        } catch (error) {
          report(error);
        }
        // Not when it is sent: the processor waits for that with a timer that keeps the process alive.
        done({ code: ExportResultCode.SUCCESS });
      },
      shutdown: async () => exporter?.shutdown(),
    },
  });
  return {
    onStart() {},
    onEnd: (span) => batching.onEnd(span),
    async forceFlush() {
      await batching.forceFlush();
      await exporter?.forceFlush();
    },
    shutdown: () => batching.shutdown(),
  };
}

let isReported = false;

function report(error: unknown): void {
  const [reason] = reasonOf(error).split("\n", 1);
  const message = `copies of spans cannot be sent to STRATASCOPE_TRACES_COPY_ENDPOINT (${reason})`;
  if (isReported) return log.debug(message);
  isReported = true;
  log.warn(`${message}; they are dropped, and nothing else is affected`);
}
