/** What it takes to start: a server up to its first answer, and a process that has nothing to do up to its end. */
import { get } from "./harness/get.ts";
import { MeasuredProcess } from "./harness/measured-process.ts";
import type { Row, Sample, Scenario } from "./harness/scenario.ts";
import { settings, VARIANTS, type VariantName } from "./harness/variants.ts";

/** A plugin has no start of its own. */
export const NO_DISTRIBUTION: Row["absent"] = { plugin: "Not a distribution: it adds to the SDK by hand." };

/** From the start of the process until its first request is answered, and what it has used then. */
async function startServer(
  variant: VariantName,
  collector: string,
): Promise<Record<"time" | "processor" | "memory", Sample>> {
  const start = performance.now();
  const server = new MeasuredProcess("server.cjs", VARIANTS[variant], { env: settings(collector) });
  const port = await server.next<number>();
  await get(`http://127.0.0.1:${port}/`);
  const milliseconds = performance.now() - start;
  const { microseconds, bytes } = await server.ask<{ microseconds: number; bytes: number }>();
  await server.kill();
  return {
    time: { value: milliseconds },
    processor: { value: microseconds / 1e3 },
    memory: { value: bytes / 1e6 },
  };
}

/** From the start of the process to its end. */
async function startNothing(variant: VariantName, collector: string): Promise<Sample> {
  const start = process.hrtime.bigint();
  const app = new MeasuredProcess("nothing.cjs", VARIANTS[variant], { env: settings(collector) });
  return { value: Number((await app.ended) - start) / 1e6 };
}

export const startup: Scenario<"time" | "processor" | "memory" | "nothing"> = {
  rows: {
    time: { title: "start to first answer", unit: "ms", compare: "difference", aim: 80, absent: NO_DISTRIBUTION },
    processor: { title: "processor time until then", unit: "ms", compare: "difference", absent: NO_DISTRIBUTION },
    memory: { title: "memory then", unit: "MB", compare: "difference", aim: 25, absent: NO_DISTRIBUTION },
    nothing: {
      title: "process with nothing to do, start to end",
      unit: "ms",
      compare: "difference",
      absent: NO_DISTRIBUTION,
    },
  },
  turns: 3,
  async measure(variant, { sink }) {
    return { ...(await startServer(variant, sink.url)), nothing: await startNothing(variant, sink.url) };
  },
};
