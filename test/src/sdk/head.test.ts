import { ROOT_CONTEXT, SpanKind, trace, TraceFlags, type Context } from "@opentelemetry/api";
import {
  AlwaysOnSampler,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { expect } from "chai";
import { describe, it } from "mocha";
import { Head } from "../../../src/sdk/head.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";

const sentBy = (traceFlags: TraceFlags): Context =>
  trace.setSpanContext(ROOT_CONTEXT, { traceId: TRACE, spanId: "b7ad6b7169203331", traceFlags, isRemote: true });

describe("the decision before a span is made", () => {
  it("is the one the provider comes to", () => {
    const sampler = new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(0.5) });
    const head = new Head(sampler);
    const tracer = new TracerProvider({ sampler, idGenerator: head }).getTracer("test");
    const ids = new Set<string>();
    let recorded = 0;
    for (let i = 0; i < 2000; i++) {
      const unrecorded = head.unrecorded("GET", SpanKind.SERVER, ROOT_CONTEXT);
      const spanContext = unrecorded ?? tracer.startSpan("GET", {}, ROOT_CONTEXT).spanContext();
      if (unrecorded === undefined) recorded++;
      expect(spanContext.traceFlags).to.equal(unrecorded === undefined ? TraceFlags.SAMPLED : TraceFlags.NONE);
      expect(trace.isSpanContextValid(spanContext)).to.equal(true);
      ids.add(spanContext.traceId).add(spanContext.spanId);
    }
    expect(ids.size).to.equal(4000);
    expect(recorded).to.be.within(850, 1150);
  });

  it("is the caller's where there is one", () => {
    const head = new Head(new ParentBasedSampler({ root: new AlwaysOnSampler() }));
    expect(head.unrecorded("GET", SpanKind.SERVER, sentBy(TraceFlags.SAMPLED))).to.equal(undefined);
    const unrecorded = head.unrecorded("GET", SpanKind.SERVER, sentBy(TraceFlags.NONE))!;
    expect(unrecorded).to.include({ traceId: TRACE, traceFlags: TraceFlags.NONE });
    expect(unrecorded.spanId).not.to.equal("b7ad6b7169203331");
  });

  it("leaves no trace id behind for a span that has a parent", () => {
    const head = new Head(new ParentBasedSampler({ root: new AlwaysOnSampler() }));
    head.unrecorded("GET", SpanKind.SERVER, sentBy(TraceFlags.SAMPLED));
    expect(head.generateTraceId()).not.to.equal(head.generateTraceId());
  });
});
