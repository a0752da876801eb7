/** What a worker thread takes: from its start to its first line, and its memory. */
import { MeasuredProcess } from "./harness/measured-process.ts";
import { median } from "./harness/median.ts";
import { scaled, type Scenario } from "./harness/scenario.ts";
import { settings, VARIANTS } from "./harness/variants.ts";
import { NO_DISTRIBUTION } from "./startup.ts";

const WORKERS = 8;

export const workers: Scenario<"time" | "memory"> = {
  rows: {
    time: { title: "start of a worker thread", unit: "ms", compare: "difference", absent: NO_DISTRIBUTION },
    memory: { title: "memory of a worker thread", unit: "MB", compare: "difference", absent: NO_DISTRIBUTION },
  },
  async measure(variant, bench) {
    const args = [String(scaled(WORKERS, bench))];
    const app = new MeasuredProcess("workers.cjs", VARIANTS[variant], { args, env: settings(bench.sink.url) });
    const { times, bytes } = await app.next<{ times: number[]; bytes: number }>();
    await app.kill();
    return { time: { value: median(times) }, memory: { value: bytes / 1e6 } };
  },
};
