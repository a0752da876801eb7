/** What it takes to start: from the start of the process to the first request that is answered, and what was used then. */
import { get } from "./harness/get.ts";
import { MeasuredProcess } from "./harness/measured-process.ts";
import type { Row, Scenario } from "./harness/scenario.ts";
import { settings, VARIANTS } from "./harness/variants.ts";

/** A plugin has no start of its own. */
export const NO_DISTRIBUTION: Row["absent"] = { plugin: "Not a distribution: it adds to the SDK by hand." };

export const startup: Scenario<"time" | "processor" | "memory"> = {
  rows: {
    time: { title: "start to first answer", unit: "ms", compare: "difference", aim: 80, absent: NO_DISTRIBUTION },
    processor: { title: "processor time until then", unit: "ms", compare: "difference", absent: NO_DISTRIBUTION },
    memory: { title: "memory then", unit: "MB", compare: "difference", aim: 25, absent: NO_DISTRIBUTION },
  },
  turns: 3,
  async measure(variant, { sink }) {
    const start = performance.now();
    const server = new MeasuredProcess("server.cjs", VARIANTS[variant], { env: settings(sink.url) });
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
  },
};
