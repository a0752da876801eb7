import { describe, it } from "mocha";
import { compareSeeds, DAMAGING } from "../helpers/differential.ts";
import { receiving } from "../helpers/receiver.ts";

/** Many more are run in the night. */
const SEEDS = Number(process.env["SEEDS"] ?? 12);

describe("an application whose files are damaged", () => {
  const receiver = receiving();

  for (const program of DAMAGING)
    it(`sees the same with and without stratascope: ${program}`, async () => {
      // What is polled is polled in the middle of everything.
      const env = {
        ...receiver.env,
        OTEL_METRIC_EXPORT_INTERVAL: "20",
        OTEL_METRIC_EXPORT_TIMEOUT: "20",
        OTEL_LOG_LEVEL: "none",
      };
      await compareSeeds({ program, from: 0, to: SEEDS, node: process.execPath, env });
    });
});
