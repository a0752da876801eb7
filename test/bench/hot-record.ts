import { ValueType } from "@opentelemetry/api";
import { MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import { METRIC_DB_CLIENT_OPERATION_DURATION } from "../../semconv/index.ts";
import { HotMetrics } from "../../src/metrics/instruments.ts";

const CALLS = 1_000_000;

/** Values spread over the buckets, the same each time. */
const VALUES = Uint32Array.from({ length: 1024 }, (_, i) => 500 + ((i * 7919) % 100_000));

/** Nanoseconds of one pass of a loop: the best of several tries. */
function time(loop: () => void, passes: number): number {
  let best = Infinity;
  for (let attempt = 0; attempt < 15; attempt++) {
    const start = process.hrtime.bigint();
    loop();
    best = Math.min(best, Number(process.hrtime.bigint() - start) / passes);
  }
  return best;
}

class ManualReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** One record into a bound histogram of ours, and into one of the SDK with the same three attributes. */
export function hotRecord(): { hot: number; sdk: number } {
  const attributes = { "db.system.name": "sqlite", "db.namespace": "bench", "db.operation.name": "SELECT" };
  const cell = new HotMetrics().instrument(METRIC_DB_CLIENT_OPERATION_DURATION).bind(attributes);
  const meter = new MeterProvider({ readers: [new ManualReader()] }).getMeter("bench");
  const histogram = meter.createHistogram("db.client.operation.duration", { unit: "s", valueType: ValueType.DOUBLE });
  let sink = 0;
  const empty = time(() => {
    for (let i = 0; i < CALLS; i++) sink += VALUES[i & 1023]!;
  }, CALLS);
  const hot = time(() => {
    for (let i = 0; i < CALLS; i++) cell.record(VALUES[i & 1023]!);
  }, CALLS);
  const sdk = time(() => {
    for (let i = 0; i < CALLS / 20; i++) histogram.record(VALUES[i & 1023]! / 1e9, attributes);
  }, CALLS / 20);
  return { hot: hot - empty, sdk: sdk - empty };
}
