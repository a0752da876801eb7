/** How long a process that has nothing to do any more goes on where its telemetry cannot be sent. */
import { freePort } from "../../collector-config/stack/ports.ts";
import { BlackHole } from "../helpers/black-hole.ts";
import { MeasuredProcess } from "./harness/measured-process.ts";
import type { Row, Sample, Scenario } from "./harness/scenario.ts";
import { settings, VARIANTS, type VariantName } from "./harness/variants.ts";

const row = (title: string): Row => ({
  title,
  unit: "ms",
  compare: "difference",
  aim: 1_500,
  absent: {
    sdk: "The service's author writes what happens at the end.",
    plugin: "The service's author writes what happens at the end.",
  },
});

/** Milliseconds from the end of the work to the end of the process. */
async function exitTime(variant: VariantName, collector: string): Promise<Sample> {
  const app = new MeasuredProcess("exit.cjs", VARIANTS[variant], { env: settings(collector) });
  const finished = BigInt(await app.next<string>());
  return { value: Number((await app.ended) - finished) / 1e6 };
}

export const exit: Scenario<"refused" | "silent"> = {
  rows: {
    refused: row("exit, Collector refuses connections"),
    silent: row("exit, Collector accepts and says nothing"),
  },
  async measure(variant) {
    const hole = new BlackHole();
    await hole.start();
    const collectors = [`http://127.0.0.1:${await freePort()}`, hole.url];
    // They do little but wait, so they can do it together.
    const [refused, silent] = await Promise.all(collectors.map((url) => exitTime(variant, url)));
    await hole.close();
    return { refused: refused!, silent: silent! };
  },
};
