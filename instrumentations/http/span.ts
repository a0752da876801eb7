import {
  ProxyTracerProvider,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Link,
  type Span,
  type SpanKind,
  type SpanOptions,
  type TracerProvider,
} from "@opentelemetry/api";
import { ATTR_ERROR_TYPE, ATTR_EXCEPTION_MESSAGE, ATTR_EXCEPTION_TYPE } from "../../semconv/index.ts";
import { describeError, privateMessage } from "../../src/runtime/describe-error.ts";
import type { HistogramCell } from "../../src/metrics/histogram.ts";
import { registered } from "../../src/context/active.ts";
import { SCOPE } from "../../src/runtime/package-info.ts";
import { isSampledExemplar } from "../../src/recording/rollup.ts";
import { tracer } from "../../src/spans/tracer.ts";
import { UnrecordedSpan } from "../../src/spans/non-recording-span.ts";

/** What becomes a span if the sampler wants it. */
export interface Subject {
  readonly kind: SpanKind;
  readonly name: string;
  /** Spans of other traces that it belongs to. */
  readonly links?: Link[];
  /** What its span is to say from the start. */
  describe(): Attributes;
}

/** Decides about spans that need no attributes for it. */
export interface Head {
  /** @returns the span if it is not recorded; otherwise it has to be started next */
  unrecorded(parent: Context): Span | undefined;
}

let head: Head | undefined;
/** The provider it decides for. */
let decided: TracerProvider | undefined;

/**
 * Has spans of the provider that is registered decided about before anything is made of them, where its sampler does
 * not look at attributes.
 */
export function useHeadSampler(decider: Head | undefined): void {
  head = decider;
  decided = registered().trace;
}

/** Starts the span of a request. */
export function startSpan(subject: Subject, parent: Context): Span {
  return head === undefined || registered().trace !== decided
    ? startForSampler(subject, parent)
    : (head.unrecorded(parent) ?? startRecorded(subject, parent));
}

/** The SDK looks at what it is given twice, for the sampler and for the span. */
function startRecorded(subject: Subject, parent: Context): Span {
  return tracer.startSpan(subject.name, optionsOf(subject), parent).setAttributes(subject.describe());
}

function startForSampler(subject: Subject, parent: Context): Span {
  const attributes = isTraced() ? subject.describe() : {};
  return tracer.startSpan(subject.name, { ...optionsOf(subject), attributes }, parent);
}

const optionsOf = ({ kind, links }: Subject): SpanOptions => (links === undefined ? { kind } : { kind, links });

/** Whether spans are made at all. A provider can be registered at any time, and stays. */
function isTraced(): boolean {
  const provider = trace.getTracerProvider();
  return !(provider instanceof ProxyTracerProvider) || provider.getDelegateTracer(SCOPE.name) !== undefined;
}

/** Says on a span that its request failed, and with what error if there was one. */
export function markFailed(span: Span, failure: string, error: unknown): void {
  span.setAttribute(ATTR_ERROR_TYPE, failure);
  if (!(error instanceof Error)) {
    span.setStatus({ code: SpanStatusCode.ERROR });
    return;
  }
  const { [ATTR_ERROR_TYPE]: _, ...exception } = describeError(error, privateMessage) as Attributes;
  const message = exception[ATTR_EXCEPTION_MESSAGE];
  span.setStatus({ code: SpanStatusCode.ERROR, ...(typeof message === "string" && { message }) });
  // Not `recordException`, which tells where the application is on the machine. What it calls the type is the code.
  const { code } = error as { code?: unknown };
  if (typeof code === "string") exception[ATTR_EXCEPTION_TYPE] = code;
  span.addEvent("exception", exception);
}

/** Counts a duration; of a sampled request it is an example. */
export function recordDuration(cell: HistogramCell, nanoseconds: number, span: Span): void {
  const bucket = cell.record(nanoseconds);
  if (span instanceof UnrecordedSpan) return;
  const spanContext = span.spanContext();
  if (isSampledExemplar(spanContext)) cell.setExemplar(bucket, nanoseconds, spanContext);
}
