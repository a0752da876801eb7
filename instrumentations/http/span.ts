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
import type { HistogramSeries } from "../../src/metrics/histogram.ts";
import { registered } from "../../src/context/active.ts";
import { SCOPE } from "../../src/runtime/package-info.ts";
import type { HeadSampler } from "../../src/spans/head-sampler.ts";
import { isSampledExemplar } from "../../src/recording/rollup.ts";
import { tracer } from "../../src/spans/tracer.ts";
import { NonRecordingSpan } from "../../src/spans/non-recording-span.ts";

/** Subject of a span, which is created if the sampler records it. */
export interface Subject {
  readonly kind: SpanKind;
  readonly name: string;
  /** Links to spans of other traces. */
  readonly links?: Link[];
  /** Returns the initial attributes of the span. */
  describe(): Attributes;
}

/** Head sampler that needs no attributes. */
let headSampler: HeadSampler | undefined;
/** The provider it decides for. */
let decided: TracerProvider | undefined;

/**
 * Sets the head sampler of the registered provider. It decides before anything is allocated for a span, provided the
 * sampler does not read attributes.
 */
export function useHeadSampler(sampler: HeadSampler | undefined): void {
  headSampler = sampler;
  decided = registered().trace;
}

/** Starts the span of a request. */
export function startSpan(subject: Subject, parent: Context): Span {
  return headSampler === undefined || registered().trace !== decided
    ? startForSampler(subject, parent)
    : (headSampler.nonRecordingSpan(parent) ?? startRecorded(subject, parent));
}

/**
 * Starts a recorded span. The SDK reads the attributes it is given twice, once for the sampler and once for the span.
 */
function startRecorded(subject: Subject, parent: Context): Span {
  return tracer.startSpan(subject.name, optionsOf(subject), parent).setAttributes(subject.describe());
}

function startForSampler(subject: Subject, parent: Context): Span {
  const attributes = isTraced() ? subject.describe() : {};
  return tracer.startSpan(subject.name, { ...optionsOf(subject), attributes }, parent);
}

const optionsOf = ({ kind, links }: Subject): SpanOptions => (links === undefined ? { kind } : { kind, links });

/** Tells whether spans are created at all. A provider can be registered at any time, and stays registered. */
function isTraced(): boolean {
  const provider = trace.getTracerProvider();
  return !(provider instanceof ProxyTracerProvider) || provider.getDelegateTracer(SCOPE.name) !== undefined;
}

/** Marks a span as failed, with the error if there was one. */
export function markFailed(span: Span, failure: string, error: unknown): void {
  span.setAttribute(ATTR_ERROR_TYPE, failure);
  if (!(error instanceof Error)) {
    span.setStatus({ code: SpanStatusCode.ERROR });
    return;
  }
  const { [ATTR_ERROR_TYPE]: _, ...exception } = describeError(error, privateMessage) as Attributes;
  const message = exception[ATTR_EXCEPTION_MESSAGE];
  span.setStatus({ code: SpanStatusCode.ERROR, ...(typeof message === "string" && { message }) });
  // Not `recordException`, which reveals the location of the application on the machine. The code takes the place of
  // its type.
  const { code } = error as { code?: unknown };
  if (typeof code === "string") exception[ATTR_EXCEPTION_TYPE] = code;
  span.addEvent("exception", exception);
}

/** Records a duration; a sampled request becomes its exemplar. */
export function recordDuration(series: HistogramSeries, nanoseconds: number, span: Span): void {
  const bucket = series.record(nanoseconds);
  if (span instanceof NonRecordingSpan) return;
  const spanContext = span.spanContext();
  if (isSampledExemplar(spanContext)) series.setExemplar(bucket, nanoseconds, spanContext);
}
