import { withoutNone } from "../config/option.ts";
import { TraceFlags } from "@opentelemetry/api";
import { emptyResource } from "@opentelemetry/resources";
import type { LogRecordProcessor } from "@opentelemetry/sdk-logs";
import type { SpanProcessor } from "@opentelemetry/sdk-trace";
import type { Config } from "../config/index.ts";
import { warnOnce } from "../runtime/self-log.ts";
import { NOOP_PROCESSOR } from "../runtime/noop-processor.ts";
import { exportCounts, queueCounts } from "../export/otlp/self-metrics.ts";
import { reasonOf } from "../export/otlp/delivery-log.ts";
import { routeDiagnostics } from "./self-diagnostics.ts";
import { registerContext, provideLogs, provideMetrics, provideTraces, startHttp, type Api } from "./providers.ts";
import { MAIN, say } from "../threads/messages.ts";
import { WorkerMeterProvider } from "../threads/meters.ts";
import type { Ring } from "../threads/ring-buffer.ts";
import { packRecord, packSpan, type WorkerMessage } from "../threads/serialize.ts";
import type { WorkerConnection } from "../threads/worker-thread.ts";

/** Starts the SDK of a worker: everything the application uses, without exporters. */
export function startInWorker(config: Config, { ring, name }: WorkerConnection, api: Api): void {
  registerContext(config, api);
  // The main thread sets the resource.
  const resource = emptyResource();
  if (withoutNone(config.tracesExporters).length > 0) provideTraces({ api, config, resource }, [spansInto(ring)]);
  if (withoutNone(config.metricsExporters).length > 0) provideMetrics(api, new WorkerMeterProvider(name));
  if (withoutNone(config.logsExporters).length > 0) provideLogs({ api, config, resource }, [recordsInto(ring)]);
  routeDiagnostics();
  startHttp(config);
}

const spansInto = (ring: Ring): SpanProcessor => ({
  ...NOOP_PROCESSOR,
  onStart() {},
  onEnd(span) {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0)
      handOver(ring, "traces", () => ({ span: packSpan(span) }));
  },
});

const recordsInto = (ring: Ring): LogRecordProcessor => ({
  ...NOOP_PROCESSOR,
  onEmit: (record) => handOver(ring, "logs", () => ({ record: packRecord(record) })),
});

/**
 * Passes telemetry to the main thread synchronously, as this thread may not run any code afterwards. It does not wait
 * if the main thread falls behind.
 */
function handOver(ring: Ring, signal: "traces" | "logs", pack: () => WorkerMessage): void {
  try {
    if (!ring.write(pack())) queueCounts(signal).dropped();
    if (ring.beginsToFill()) say(MAIN, { isFilling: true });
  } catch (error) {
    exportCounts(signal).lost(1, "unserializable");
    warnOnce(`some ${signal} of a worker cannot be passed to the main thread and are dropped: ${reasonOf(error)}`);
  }
}
