import { ROOT_CONTEXT, SpanKind, trace, TraceFlags } from "@opentelemetry/api";
import { SamplingDecision } from "@opentelemetry/sdk-trace";
import { expect } from "chai";
import { describe, it } from "mocha";
import type { Config } from "../../../src/config/index.ts";
import { createSampler, inBackground } from "../../../src/spans/sampler.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";

describe("the sampler of background work", () => {
  for (const backgroundRatio of [0, 1]) {
    it(`decides about new traces by its ratio of ${backgroundRatio}, and keeps the decision that another arrived with`, () => {
      const sampler = createSampler({ backgroundRatio, samplerRatio: 1, resourceAttributes: {} } as Config);
      const isSampled = (traceFlags?: TraceFlags): boolean => {
        const background = inBackground(ROOT_CONTEXT);
        const parent =
          traceFlags === undefined
            ? background
            : trace.setSpanContext(background, {
                traceId: TRACE,
                spanId: "b7ad6b7169203331",
                traceFlags,
                isRemote: true,
              });
        const { decision } = sampler.shouldSample(parent, TRACE, "work", SpanKind.INTERNAL, {}, []);
        return decision === SamplingDecision.RECORD_AND_SAMPLED;
      };
      expect(isSampled()).to.equal(backgroundRatio === 1);
      expect(isSampled(TraceFlags.SAMPLED)).to.equal(true);
      expect(isSampled(TraceFlags.NONE)).to.equal(false);
    });
  }
});
