import { createTraceState, type HrTime, type Link, type SpanContext } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { ATTR_THREAD_ID, ATTR_THREAD_NAME } from "../../semconv/index.ts";
import { internScope } from "./scopes.ts";

/** Identity of a span. */
type PackedContext = Omit<SpanContext, "traceState"> & { readonly traceState?: string };

/** Span in transit between two threads: plain data, without values that can be derived from it. */
export interface PackedSpan extends Omit<
  ReadableSpan,
  "spanContext" | "parentSpanContext" | "links" | "duration" | "ended" | "resource"
> {
  readonly context: PackedContext;
  readonly parent?: PackedContext;
  readonly links: (Omit<Link, "context"> & { readonly context: PackedContext })[];
}

/** Log record in transit between two threads. */
export interface PackedRecord extends Omit<ReadableLogRecord, "spanContext" | "resource"> {
  readonly context?: PackedContext;
}

/** Message of a worker: a span or log record it has ended, or a warning to be logged once. */
export type WorkerMessage =
  | { readonly span: PackedSpan }
  | { readonly record: PackedRecord }
  | { readonly warning: string };

/** Sender of telemetry, added to all of its data. */
export interface Origin {
  readonly [ATTR_THREAD_ID]: number;
  readonly [ATTR_THREAD_NAME]: string;
}

export const packSpan = (span: ReadableSpan): PackedSpan => ({
  name: span.name,
  kind: span.kind,
  context: packContext(span.spanContext()),
  ...(span.parentSpanContext && { parent: packContext(span.parentSpanContext) }),
  startTime: span.startTime,
  endTime: span.endTime,
  status: span.status,
  attributes: span.attributes,
  links: span.links.map((link) => ({ ...link, context: packContext(link.context) })),
  events: span.events,
  instrumentationScope: span.instrumentationScope,
  droppedAttributesCount: span.droppedAttributesCount,
  droppedEventsCount: span.droppedEventsCount,
  droppedLinksCount: span.droppedLinksCount,
});

export function unpackSpan(
  { context, parent, links, attributes, instrumentationScope, ...span }: PackedSpan,
  origin: Origin,
  resource: Resource,
): ReadableSpan {
  const spanContext = unpackContext(context);
  return {
    ...span,
    attributes: { ...origin, ...attributes },
    instrumentationScope: internScope(instrumentationScope),
    links: links.map((link) => ({ ...link, context: unpackContext(link.context) })),
    spanContext: () => spanContext,
    ...(parent && { parentSpanContext: unpackContext(parent) }),
    duration: between(span.startTime, span.endTime),
    ended: true,
    resource,
  };
}

export const packRecord = (record: ReadableLogRecord): PackedRecord => ({
  hrTime: record.hrTime,
  hrTimeObserved: record.hrTimeObserved,
  ...(record.spanContext && { context: packContext(record.spanContext) }),
  ...(record.severityText !== undefined && { severityText: record.severityText }),
  ...(record.severityNumber !== undefined && { severityNumber: record.severityNumber }),
  ...(record.eventName !== undefined && { eventName: record.eventName }),
  ...(record.body !== undefined && { body: record.body }),
  attributes: record.attributes,
  instrumentationScope: record.instrumentationScope,
  droppedAttributesCount: record.droppedAttributesCount,
});

export const unpackRecord = (
  { context, attributes, instrumentationScope, ...record }: PackedRecord,
  origin: Origin,
  resource: Resource,
): ReadableLogRecord => ({
  ...record,
  attributes: { ...origin, ...attributes },
  instrumentationScope: internScope(instrumentationScope),
  ...(context && { spanContext: unpackContext(context) }),
  resource,
});

const packContext = ({ traceId, spanId, traceFlags, isRemote, traceState }: SpanContext): PackedContext => ({
  traceId,
  spanId,
  traceFlags,
  ...(isRemote && { isRemote }),
  ...(traceState && { traceState: traceState.serialize() }),
});

const unpackContext = ({ traceState, ...context }: PackedContext): SpanContext =>
  traceState === undefined ? context : { ...context, traceState: createTraceState(traceState) };

function between([seconds, nanoseconds]: HrTime, end: HrTime): HrTime {
  const difference = end[1] - nanoseconds;
  return difference < 0 ? [end[0] - seconds - 1, difference + 1e9] : [end[0] - seconds, difference];
}
