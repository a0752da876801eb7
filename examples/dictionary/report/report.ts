import type { Connection } from "../client/connection.ts";
import { METRIC_HTTP_SERVER_REQUEST_DURATION } from "../../../semconv/index.ts";
import { DEFAULT_PORT } from "../demo/port.ts";
import type { Receiver } from "../receiver/receiver.ts";
import type { Trace } from "../receiver/traces.ts";
import { formatFindings } from "./findings.ts";
import { readLayers } from "./layers.ts";
import { formatTable } from "./table.ts";
import { formatTrace } from "./trace.ts";
import { amount } from "./units.ts";

const SLOWEST = 5;
const FAILED = 2;

/** What the telemetry says; everything in it was received over OTLP. */
export function formatReport({ metrics, traces, events }: Receiver): string[] {
  return [
    ...formatTable(readLayers(metrics)),
    ...formatFindings(events, metrics),
    ...formatTraces("slowest requests, what they did in storage, and their trace ids", traces.slowest(SLOWEST)),
    ...formatTraces("requests that failed in storage", traces.failed(FAILED)),
  ];
}

function formatTraces(title: string, traces: readonly Trace[]): string[] {
  return traces.length === 0 ? [] : ["", title, ...traces.flatMap(formatTrace)];
}

/** What the client knows beside what was measured: the same number twice if nothing was lost. */
export function formatCheck({ metrics }: Receiver, { answered, failed }: Connection): string {
  const requests = metrics.histograms(METRIC_HTTP_SERVER_REQUEST_DURATION);
  const measured = requests.reduce((sum, { histogram }) => sum + histogram.count, 0);
  const lost = failed === 0 ? "" : `, ${amount(failed)} without an answer`;
  return `the client got ${amount(answered)} answers${lost}; the service measured ${amount(measured)} requests`;
}

/** Where to look next; the address of the service if it stays up. */
export function formatNext(metricsPort: number, service: string | undefined): string[] {
  const instead = metricsPort === DEFAULT_PORT ? "" : ` (${DEFAULT_PORT} is in use)`;
  const metrics = `  metrics    curl http://127.0.0.1:${metricsPort}/metrics${instead}`;
  return [
    "where to look next",
    ...(service === undefined
      ? [`${metrics}, while the service is up: npm run demo -- --serve`]
      : [metrics, `  service    curl ${service}/words/water, up until Ctrl-C`]),
    "  Collector  OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318 node --require stratascope/register app.js",
    "  Jaeger     behind a Collector; a trace id from above shows the request with its storage spans",
  ];
}
