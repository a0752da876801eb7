/**
 * `sqlite.ts WORK PAIRS`: tells what work costs inside of a span, relative to the same work done by an unobserved copy
 * of the driver in the same process. The two take turns of about two milliseconds, so that whatever else the machine
 * does hits both alike.
 */
import { trace } from "@opentelemetry/api";
import { chunks } from "./drivers.ts";
import { PER_PAIR, report } from "./pair.ts";
import { WORK, type WorkName } from "./work.ts";

const [name, count] = process.argv.slice(2) as [WorkName, string];

/** Nanoseconds. */
function time(run: () => void): number {
  const start = process.hrtime.bigint();
  run();
  return Number(process.hrtime.bigint() - start);
}

function inSpan(run: () => void): number {
  return trace.getTracer("bench").startActiveSpan("work", (span) => {
    const nanoseconds = time(run);
    span.end();
    return nanoseconds;
  });
}

const { bare, observed } = chunks(WORK[name]);
const pairs = Array.from({ length: PER_PAIR * Number(count) }, () => ({
  bare: time(bare),
  observed: inSpan(observed),
}));
report(pairs, WORK[name].chunk);
