/** `record.ts WHOSE`: tells the nanoseconds of one record into a histogram, the loop around it not included. */
import { ValueType } from "@opentelemetry/api";
import { MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import { METRIC_DB_CLIENT_OPERATION_DURATION } from "../../../semconv/index.ts";
import { MetricRegistry } from "../../../src/metrics/registry.ts";

const CALLS = 100_000;
/** Nanoseconds of trying. */
const TIME = 500_000_000n;
const ATTRIBUTES = { "db.system.name": "sqlite", "db.namespace": "bench", "db.operation.name": "SELECT" };

/** Values spread over the buckets, the same each time; nanoseconds. */
const VALUES = Uint32Array.from({ length: 1024 }, (_, i) => 500 + ((i * 7919) % 100_000));

class ManualReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** Loops that record into a histogram of ours, which is bound, and into one of the SDK with the same attributes. */
const LOOPS: Readonly<Record<string, () => () => void>> = {
  stratascope() {
    const series = new MetricRegistry().instrument(METRIC_DB_CLIENT_OPERATION_DURATION).bind(ATTRIBUTES);
    return () => {
      for (let i = 0; i < CALLS; i++) series.record(VALUES[i & 1023]!);
    };
  },
  sdk() {
    const meter = new MeterProvider({ readers: [new ManualReader()] }).getMeter("bench");
    const histogram = meter.createHistogram("db.client.operation.duration", { unit: "s", valueType: ValueType.DOUBLE });
    return () => {
      for (let i = 0; i < CALLS; i++) histogram.record(VALUES[i & 1023]! / 1e9, ATTRIBUTES);
    };
  },
};

let sum = 0;
const empty = (): void => {
  for (let i = 0; i < CALLS; i++) sum += VALUES[i & 1023]!;
};

/** Nanoseconds of one pass of a loop. */
function time(loop: () => void): number {
  const start = process.hrtime.bigint();
  loop();
  return Number(process.hrtime.bigint() - start) / CALLS;
}

/** What the loop takes more than the empty one: the best of many tries of each. */
function net(loop: () => void): number {
  let best = { full: Infinity, empty: Infinity };
  const end = process.hrtime.bigint() + TIME;
  while (process.hrtime.bigint() < end) {
    best = { full: Math.min(best.full, time(loop)), empty: Math.min(best.empty, time(empty)) };
  }
  return best.full - best.empty;
}

process.send!(net(LOOPS[process.argv[2]!]!()), () => process.exit());
