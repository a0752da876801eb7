/**
 * `exported.ts PAIRS`: tells the processor time of transactions inside of a span whose telemetry is sent, the sending
 * included, relative to the same transactions on an unobserved copy of the driver in the same process.
 */
import { trace, type TracerProvider } from "@opentelemetry/api";
import { chunks } from "./drivers.ts";
import { PER_PAIR, report, type Pair } from "./pair.ts";
import { WORK } from "./work.ts";

const count = Number(process.argv[2]);

/** A provider of the SDK behind the one of the API, where there is one. */
interface Flushable {
  getDelegate?: () => { forceFlush?: () => Promise<void> };
}

const flush = async (): Promise<void> =>
  (trace.getTracerProvider() as TracerProvider & Flushable).getDelegate?.().forceFlush?.();

/** Nanoseconds of all threads. */
async function used(run: () => void | Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) * 1e3;
}

async function inSpan(run: () => void): Promise<void> {
  trace.getTracer("bench").startActiveSpan("work", (span) => {
    run();
    span.end();
  });
  await flush();
}

const { bare, observed } = chunks(WORK["three inserts"]);
const pairs: Pair[] = [];
for (let i = 0; i < PER_PAIR * count; i++)
  pairs.push({ bare: await used(bare), observed: await used(() => inSpan(observed)) });
report(pairs, WORK["three inserts"].chunk);
