/** What one record into a histogram costs. */
import { MeasuredProcess } from "./harness/measured-process.ts";
import type { Scenario } from "./harness/scenario.ts";
import { VARIANTS } from "./harness/variants.ts";

const NOTHING = "It records nothing.";
const OF_SDK = "Its histograms are those of the SDK.";

export const record: Scenario<"time"> = {
  rows: {
    time: {
      title: "one record into a histogram, three attributes",
      unit: "ns",
      compare: "itself",
      aim: 5,
      absent: {
        bare: NOTHING,
        plugin: "It has no metrics.",
        auto: OF_SDK,
        elastic: OF_SDK,
        "dd-trace": "It has no histograms of the application.",
      },
    },
  },
  async measure(variant) {
    // The loop is all there is; nothing is to observe it.
    const app = new MeasuredProcess("record.ts", VARIANTS.bare, { args: [variant], env: {} });
    const time = { value: await app.next<number>() };
    await app.ended;
    return { time };
  },
};
