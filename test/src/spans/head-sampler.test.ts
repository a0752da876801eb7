import { ROOT_CONTEXT, trace, TraceFlags, type Context } from "@opentelemetry/api";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { expect } from "chai";
import { describe, it } from "mocha";
import { HeadSampler } from "../../../src/spans/head-sampler.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";

const sentBy = (traceFlags: TraceFlags): Context =>
  trace.setSpanContext(ROOT_CONTEXT, { traceId: TRACE, spanId: "b7ad6b7169203331", traceFlags, isRemote: true });

describe("the decision before a span is made", () => {
  it("equals that of the provider", () => {
    const root = new TraceIdRatioBasedSampler(0.5);
    const sampler = new ParentBasedSampler({ root });
    const head = new HeadSampler(Object.assign(sampler, { ratio: 0.5 }));
    const tracer = new TracerProvider({ sampler, idGenerator: head }).getTracer("test");
    const ids = new Set<string>();
    let recorded = 0;
    for (let i = 0; i < 2000; i++) {
      const unrecorded = head.nonRecordingSpan(ROOT_CONTEXT);
      const span = unrecorded ?? tracer.startSpan("GET", {}, ROOT_CONTEXT);
      const spanContext = span.spanContext();
      if (unrecorded === undefined) recorded++;
      expect(span.isRecording()).to.equal(unrecorded === undefined);
      expect(spanContext.traceFlags).to.equal(unrecorded === undefined ? TraceFlags.SAMPLED : TraceFlags.NONE);
      // A service further down that looks at nothing but the trace id decides alike.
      const { decision } = root.shouldSample(ROOT_CONTEXT, spanContext.traceId);
      expect(decision === SamplingDecision.RECORD_AND_SAMPLED).to.equal(unrecorded === undefined);
      expect(trace.isSpanContextValid(spanContext)).to.equal(true);
      ids.add(spanContext.traceId).add(spanContext.spanId);
    }
    expect(ids.size).to.equal(4000);
    expect(recorded).to.be.within(850, 1150);
  });

  it("is the caller's if there is one", () => {
    const head = new HeadSampler(Object.assign(new ParentBasedSampler({ root: new AlwaysOnSampler() }), { ratio: 1 }));
    expect(head.nonRecordingSpan(sentBy(TraceFlags.SAMPLED))).to.equal(undefined);
    const unrecorded = head.nonRecordingSpan(sentBy(TraceFlags.NONE))!.spanContext();
    expect(unrecorded).to.include({ traceId: TRACE, traceFlags: TraceFlags.NONE });
    expect(unrecorded.spanId).not.to.equal("b7ad6b7169203331");
  });

  it("has the same ids whenever it is asked", () => {
    const unrecorded = new HeadSampler(Object.assign(new AlwaysOffSampler(), { ratio: 0 })).nonRecordingSpan(
      ROOT_CONTEXT,
    )!;
    expect(unrecorded.spanContext()).to.equal(unrecorded.spanContext());
  });

  it("does not reserve a trace id for a span with a parent", () => {
    const head = new HeadSampler(Object.assign(new ParentBasedSampler({ root: new AlwaysOnSampler() }), { ratio: 1 }));
    head.nonRecordingSpan(sentBy(TraceFlags.SAMPLED));
    expect(head.generateTraceId()).not.to.equal(head.generateTraceId());
  });
});
