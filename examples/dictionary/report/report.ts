import { METRIC_HTTP_SERVER_REQUEST_DURATION } from "../../../semconv/index.ts";
import { DEFAULT_PORT } from "../demo/port.ts";
import type { Receiver } from "../receiver/receiver.ts";
import type { Trace } from "../receiver/traces.ts";
import { formatFindings } from "./findings.ts";
import { formatLanes } from "./lanes.ts";
import { readLayers } from "./layers.ts";
import { formatTable } from "./table.ts";
import { formatTrace } from "./trace.ts";
import { amount } from "./units.ts";

/** Services of the demo; the programs beside a service have names that begin with its own. */
const SERVICES = ["dictionary", "ingest"];
const SLOWEST = 5;
const FAILED = 2;

/** What the telemetry says; everything in it was received over OTLP. */
export function formatReport({ metrics, traces, events, background }: Receiver): string[] {
  return [
    ...SERVICES.flatMap((service) => ["", `service ${service}`, ...formatTable(readLayers(metrics.of(service)))]).slice(
      1,
    ),
    ...formatLanes(background.runs),
    ...formatFindings(events, metrics),
    ...formatTraces("slowest requests, what they did in storage, and their trace ids", traces.slowest(SLOWEST)),
    ...formatTraces("requests that failed in storage", traces.failed(FAILED)),
  ];
}

function formatTraces(title: string, traces: readonly Trace[]): string[] {
  return traces.length === 0 ? [] : ["", title, ...traces.flatMap(formatTrace)];
}

/** Compares with what the clients know: the same number twice if nothing was lost. */
export function formatCheck({ metrics }: Receiver, answered: number, failed: number): string {
  const requests = metrics.histograms(METRIC_HTTP_SERVER_REQUEST_DURATION);
  const measured = requests.reduce((sum, { histogram }) => sum + histogram.count, 0);
  const lost = failed === 0 ? "" : `, ${amount(failed)} without an answer`;
  return `the clients got ${amount(answered)} answers${lost}; the services measured ${amount(measured)} requests`;
}

/** Where to look next; with the addresses of the services if they stay up. */
export function formatNext(metricsPorts: readonly number[], services: readonly string[] | undefined): string[] {
  const isOther = metricsPorts[0] !== DEFAULT_PORT;
  const instead = isOther ? ` (${DEFAULT_PORT} is in use)` : "";
  const metrics = `  metrics    curl ${metricsPorts.map((port) => `http://127.0.0.1:${port}/metrics`).join(" ")}${instead}`;
  return [
    "where to look next",
    ...(services === undefined
      ? [`${metrics}, while the services are up: npm run demo -- --serve`]
      : [
          metrics,
          `  services   curl ${services[0]}/words/water ${services[1]}/words/water/sightings, up until Ctrl-C`,
        ]),
    "  Collector  OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318 node --require stratascope/register app.js",
    "  Jaeger     behind a Collector; a trace id from above shows the request with its storage spans",
  ];
}
