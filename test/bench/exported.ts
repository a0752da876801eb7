/** What transactions in a sampled trace cost when their telemetry is sent, in processor time, the sending included. */
import type { Found } from "./apps/pair.ts";
import { MeasuredProcess } from "./harness/measured-process.ts";
import { scaled, type Scenario } from "./harness/scenario.ts";
import { sampling, settings, VARIANTS, type VariantName } from "./harness/variants.ts";
import { NOT_OBSERVED, WITH_SPANS } from "./sqlite.ts";

/** Chunks of observed work, each beside one of unobserved work. */
const PAIRS = 80;

/** Transactions whose telemetry goes to a Collector. */
export async function measureTransactions(variant: VariantName, pairs: number, collector: string): Promise<Found> {
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
  async measure(variant, bench) {
    const { bare, observed, ratio } = await measureTransactions(variant, scaled(PAIRS, bench), bench.sink.url);
    return { time: { value: (variant === "bare" ? bare : observed) / 1e3, ratio } };
  },
};
