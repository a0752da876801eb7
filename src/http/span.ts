import {
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
  type SpanContext,
  type SpanKind,
} from "@opentelemetry/api";
import { ATTR_ERROR_TYPE } from "../../semconv/index.ts";
import type { HistogramCell } from "../metrics/histogram.ts";
import { isExemplary } from "../spans/rollup.ts";
import { tracer } from "../spans/tracer.ts";

/** What becomes a span if the sampler wants it. */
export interface Subject {
  readonly kind: SpanKind;
  /** What its span is to say from the start. */
  describe(): Attributes;
}

/** Decides about spans that need no attributes for it. */
export interface Head {
  /** @returns what identifies the span if it is not recorded */
  unrecorded(name: string, kind: SpanKind, parent: Context): SpanContext | undefined;
}

let head: Head | undefined;

/** Has spans decided about before anything is made of them, where the sampler does not look at attributes. */
export function decideBy(decider: Head | undefined): void {
  head = decider;
}

/** Starts the span of a request. */
export function startSpan(name: string, subject: Subject, parent: Context): Span {
  const { kind } = subject;
  const unrecorded = head?.unrecorded(name, kind, parent);
  if (unrecorded !== undefined) return trace.wrapSpanContext(unrecorded);
  return tracer.startSpan(name, { kind, attributes: subject.describe() }, parent);
}

/** Says on a span that its request failed, and with what error if there was one. */
export function markFailed(span: Span, failure: string, error: unknown): void {
  span.setAttribute(ATTR_ERROR_TYPE, failure);
  if (!(error instanceof Error)) {
    span.setStatus({ code: SpanStatusCode.ERROR });
    return;
  }
  span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
  span.recordException(error);
}

/** Counts a duration; of a sampled request it is an example. */
export function recordDuration(cell: HistogramCell, nanoseconds: number, span: Span): void {
  const bucket = cell.record(nanoseconds);
  const spanContext = span.spanContext();
  if (isExemplary(spanContext)) cell.exemplify(bucket, nanoseconds, spanContext);
}
