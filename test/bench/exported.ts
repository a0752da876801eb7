/** What transactions in a sampled trace cost when their telemetry is sent, in processor time, the sending included. */
import { Receiver } from "../helpers/receiver.ts";
import type { Found } from "./apps/pair.ts";
import { WORK } from "./apps/work.ts";
import { MeasuredProcess } from "./harness/measured-process.ts";
import { scaled, type Scenario } from "./harness/scenario.ts";
import { sampling, settings, VARIANTS, type VariantName } from "./harness/variants.ts";
import { NOT_OBSERVED, WITH_SPANS } from "./sqlite.ts";

/** Chunks of observed work, each beside one of unobserved work. */
const PAIRS = 60;

async function measurePairs(variant: VariantName, pairs: number, collector: string): Promise<Found> {
  const app = new MeasuredProcess("exported.ts", VARIANTS[variant], {
    args: [String(pairs)],
    nodeArgs: WITH_SPANS[variant] ?? [],
    env: { ...settings(collector), ...sampling(1) },
  });
  const found = await app.next<Found>();
  await app.ended;
  return found;
}

export const exported: Scenario<"time"> = {
  rows: {
    time: {
      title: "transaction of 3 inserts, sampled and sent, processor time",
      unit: "µs",
      compare: "ratio",
      aim: 1.4,
      absent: NOT_OBSERVED,
    },
  },
  async prove(variant) {
    if (variant === "bare") return;
    const receiver = new Receiver();
    await receiver.start();
    // Two chunks: one warms up.
    await measurePairs(variant, 1, receiver.env["OTEL_EXPORTER_OTLP_ENDPOINT"]!);
    await receiver.close();
    const transactions = 2 * WORK["three inserts"].chunk;
    if (receiver.spans.length < transactions)
      throw new Error(`${variant} sends ${receiver.spans.length} spans of ${transactions} transactions`);
  },
  async measure(variant, bench) {
    const { bare, observed, ratio } = await measurePairs(variant, scaled(PAIRS, bench), bench.sink.url);
    return { time: { value: (variant === "bare" ? bare : observed) / 1e3, ratio } };
  },
};
