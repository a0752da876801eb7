import { SpanStatusCode, trace, type Attributes, type Context, type Link, type SpanKind } from "@opentelemetry/api";
import { wallTime, type Anchor } from "../runtime/clock.ts";
import { tracer } from "./tracer.ts";

/** Data of one of our spans at its start, which may be known only after its end. */
export interface SpanStart {
  readonly name: string;
  readonly kind: SpanKind;
  readonly start: bigint;
  /** Start of the span it is summed up on, whose clock is the reference of all timestamps. */
  readonly anchor: Anchor;
  readonly parent: Context;
  readonly links?: readonly Link[] | undefined;
}

/** Data of a span at its end. */
export interface SpanEnd {
  readonly nanoseconds: number;
  /** The attributes, or what makes them when the span is read. */
  readonly attributes: Attributes | (() => Attributes);
  readonly isFailed: boolean;
}

/** Span that has begun and can have children. */
export interface OpenSpan {
  /** Context of its children. */
  readonly context: Context;
  end(ending: SpanEnd): void;
}

/** Function that creates spans. */
export type SpanWriter = (beginning: SpanStart) => OpenSpan;

/** Creates a span with OpenTelemetry's API, for any SDK of the application. */
export function writeByApi({ name, kind, start, anchor, parent, links = [] }: SpanStart): OpenSpan {
  const span = tracer.startSpan(name, { kind, startTime: wallTime(start, anchor), links: [...links] }, parent);
  return {
    context: trace.setSpan(parent, span),
    end({ nanoseconds, attributes, isFailed }) {
      span.setAttributes(typeof attributes === "function" ? attributes() : attributes);
      if (isFailed) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end(wallTime(start + BigInt(Math.round(nanoseconds)), anchor));
    },
  };
}

let writer: SpanWriter = writeByApi;

/** Sets the function that creates spans. */
export function useSpanWriter(other: SpanWriter): void {
  writer = other;
}

/** Begins a span. */
export const openSpan: SpanWriter = (beginning) => writer(beginning);
