import { TraceFlags } from "@opentelemetry/api";
import { emptyResource } from "@opentelemetry/resources";
import type { LogRecordProcessor } from "@opentelemetry/sdk-logs";
import type { SpanProcessor } from "@opentelemetry/sdk-trace";
import type { Config } from "../config.ts";
import { warnOnce } from "../log.ts";
import { NOTHING_WAITS } from "../nothing-waits.ts";
import { exportCounts, queueCounts } from "../otlp/counts.ts";
import { reasonOf } from "../otlp/reachability.ts";
import { routeDiagnostics } from "../sdk/diagnostics.ts";
import {
  carryContext,
  chosen,
  provideLogs,
  provideMetrics,
  provideTraces,
  startHttp,
  type Api,
} from "../sdk/providers.ts";
import { MAIN, say } from "./channel.ts";
import { WorkerMeterProvider } from "./meters.ts";
import type { Ring } from "./ring.ts";
import { packRecord, packSpan, type Handed } from "./transit.ts";
import type { Membership } from "./worker.ts";

/** The SDK of a worker: all that an application uses of it, and nothing that sends. */
export function startInWorker(config: Config, { ring, name }: Membership, api: Api): void {
  carryContext(config, api);
  // Whose they are is for the main thread to say.
  const resource = emptyResource();
  if (chosen(config.tracesExporters).length > 0) provideTraces({ api, config, resource }, [spansInto(ring)]);
  if (chosen(config.metricsExporters).length > 0) provideMetrics(api, new WorkerMeterProvider(name));
  if (chosen(config.logsExporters).length > 0) provideLogs({ api, config, resource }, [recordsInto(ring)]);
  routeDiagnostics();
  startHttp(config);
}

const spansInto = (ring: Ring): SpanProcessor => ({
  ...NOTHING_WAITS,
  onStart() {},
  onEnd(span) {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0)
      handOver(ring, "traces", () => ({ span: packSpan(span) }));
  },
});

const recordsInto = (ring: Ring): LogRecordProcessor => ({
  ...NOTHING_WAITS,
  onEmit: (record) => handOver(ring, "logs", () => ({ record: packRecord(record) })),
});

/** At once, as nothing is sure to run in this thread after this; without waiting, if the main thread does not keep up. */
function handOver(ring: Ring, signal: "traces" | "logs", pack: () => Handed): void {
  try {
    if (!ring.write(pack())) queueCounts(signal).dropped();
    if (ring.beginsToFill()) say(MAIN, { isFilling: true });
  } catch (error) {
    exportCounts(signal).lost(1, "unserializable");
    warnOnce(`some of the ${signal} cannot be handed over, and are left out: ${reasonOf(error)}`);
  }
}
