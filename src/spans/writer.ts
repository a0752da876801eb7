import { SpanStatusCode, trace, type Attributes, type Context, type SpanKind } from "@opentelemetry/api";
import { wallTime, type Anchor } from "../runtime/clock.ts";
import { tracer } from "./tracer.ts";

/** What is known of a span of ours when it begins, which may be found out only when it is over. */
export interface Beginning {
  readonly name: string;
  readonly kind: SpanKind;
  readonly start: bigint;
  /** The start of the span it is summed up on: on its clock all times are told. */
  readonly anchor: Anchor;
  readonly parent: Context;
}

/** What is known when it is over. */
export interface Ending {
  readonly nanoseconds: number;
  readonly attributes: Attributes;
  readonly isFailed: boolean;
}

/** A span that has begun: others may be inside of it. */
export interface OpenSpan {
  /** The context of what is inside of it. */
  readonly inside: Context;
  end(ending: Ending): void;
}

/** Makes spans. */
export type Recorder = (beginning: Beginning) => OpenSpan;

/** By OpenTelemetry's API, for whatever SDK the application has. */
export function recordByApi({ name, kind, start, anchor, parent }: Beginning): OpenSpan {
  const span = tracer.startSpan(name, { kind, startTime: wallTime(start, anchor) }, parent);
  return {
    inside: trace.setSpan(parent, span),
    end({ nanoseconds, attributes, isFailed }) {
      span.setAttributes(attributes);
      if (isFailed) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end(wallTime(start + BigInt(Math.round(nanoseconds)), anchor));
    },
  };
}

let recorder: Recorder = recordByApi;

/** Has spans made by something else. */
export function recordBy(other: Recorder): void {
  recorder = other;
}

/** Begins a span. */
export const openSpan: Recorder = (beginning) => recorder(beginning);
