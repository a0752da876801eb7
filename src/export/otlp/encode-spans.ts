import type { Attributes, HrTime, Link, SpanStatus } from "@opentelemetry/api";
import type { InstrumentationScope } from "@opentelemetry/core";
import type { Resource } from "@opentelemetry/resources";
import type { ReadableSpan, TimedEvent } from "@opentelemetry/sdk-trace";
import { BackwardWriter } from "./protobuf-writer.ts";

/** Flags of a parent: whether it is remote is known, and it is remote. */
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

/**
 * Encodes spans as a request for a Collector, field by field according to
 * https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto. The result
 * is byte for byte that of OpenTelemetry's own package, which takes several times as long. Fields are written in
 * reverse order.
 */
export function encodeSpans(spans: readonly ReadableSpan[]): Uint8Array {
  writer.begin();
  for (const [resource, ofResource] of grouped(spans, (span) => span.resource))
    writeResourceSpans(resource, ofResource);
  return writer.end();
}

const writer = new BackwardWriter();

/** Groups spans, in the reverse order of their first spans. */
function grouped<Key>(spans: readonly ReadableSpan[], keyOf: (span: ReadableSpan) => Key): [Key, ReadableSpan[]][] {
  return [...Map.groupBy(spans, keyOf)].toReversed();
}

function writeResourceSpans(resource: Resource, spans: readonly ReadableSpan[]): void {
  const { length } = writer;
  if (resource.schemaUrl) writer.string(3, resource.schemaUrl);
  for (const [scope, ofScope] of grouped(spans, (span) => span.instrumentationScope)) writeScopeSpans(scope, ofScope);
  const inner = writer.length;
  writer.integer(2, 0);
  writeAttributes(1, resource.attributes);
  writer.message(1, inner);
  writer.message(1, length);
}

function writeScopeSpans(scope: InstrumentationScope, spans: readonly ReadableSpan[]): void {
  const { length } = writer;
  if (scope.schemaUrl) writer.string(3, scope.schemaUrl);
  for (let i = spans.length - 1; i >= 0; i--) writeSpan(spans[i]!);
  const inner = writer.length;
  if (scope.version) writer.string(2, scope.version);
  writer.string(1, scope.name);
  writer.message(1, inner);
  writer.message(2, length);
}

function writeSpan(span: ReadableSpan): void {
  const { length } = writer;
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  const { parentSpanContext: parent } = span;
  writer.fixed32(16, flagsOf(traceFlags, parent?.isRemote));
  writeStatus(span.status);
  writer.integer(14, span.droppedLinksCount);
  for (let i = span.links.length - 1; i >= 0; i--) writeLink(span.links[i]!);
  writer.integer(12, span.droppedEventsCount);
  for (let i = span.events.length - 1; i >= 0; i--) writeEvent(span.events[i]!);
  writer.integer(10, span.droppedAttributesCount);
  writeAttributes(9, span.attributes);
  writeTime(8, span.endTime);
  writeTime(7, span.startTime);
  writer.integer(6, span.kind + 1);
  writer.string(5, span.name);
  if (parent?.spanId) writer.hex(4, parent.spanId);
  const state = traceState?.serialize();
  if (state) writer.string(3, state);
  writer.hex(2, spanId);
  writer.hex(1, traceId);
  writer.message(2, length);
}

function writeStatus({ code, message }: SpanStatus): void {
  const { length } = writer;
  writer.integer(3, code);
  if (message) writer.string(2, message);
  writer.message(15, length);
}

function writeLink({ context, attributes, droppedAttributesCount }: Link): void {
  const { length } = writer;
  writer.fixed32(6, flagsOf(context.traceFlags, context.isRemote));
  writer.integer(5, droppedAttributesCount ?? 0);
  writeAttributes(4, attributes);
  const state = context.traceState?.serialize();
  if (state) writer.string(3, state);
  writer.hex(2, context.spanId);
  writer.hex(1, context.traceId);
  writer.message(13, length);
}

function writeEvent({ name, time, attributes, droppedAttributesCount }: TimedEvent): void {
  const { length } = writer;
  writer.integer(4, droppedAttributesCount ?? 0);
  writeAttributes(3, attributes);
  writer.string(2, name);
  writeTime(1, time);
  writer.message(11, length);
}

const flagsOf = (traceFlags: number, isRemote: boolean | undefined): number =>
  (traceFlags & 0xff) | HAS_IS_REMOTE | (isRemote === true ? IS_REMOTE : 0);

/** Writes nanoseconds of Unix time. They exceed the precision of a number, so each half is computed separately. */
function writeTime(field: number, [seconds, nanoseconds]: HrTime): void {
  const upper = Math.floor(seconds / 0x10000) * 1e9;
  const lower = (upper % 0x10000) * 0x10000 + (seconds % 0x10000) * 1e9 + nanoseconds;
  writer.fixed64(field, Math.floor(upper / 0x10000) + Math.floor(lower / 0x100000000), lower % 0x100000000);
}

/** Writes pairs of a key and a value; also the fields of an object value. */
function writeAttributes(field: number, attributes: Attributes | undefined): void {
  if (attributes === undefined) return;
  const keys = Object.keys(attributes);
  for (let i = keys.length - 1; i >= 0; i--) {
    const { length } = writer;
    writeValue(2, attributes[keys[i]!]);
    writer.string(1, keys[i]!);
    writer.message(field, length);
  }
}

function writeValue(field: number, value: unknown): void {
  const { length } = writer;
  if (typeof value === "string") writer.string(1, value);
  else if (typeof value === "boolean") writer.integer(2, value ? 1 : 0);
  else if (typeof value === "number") writeNumber(value);
  else if (typeof value === "object" && value !== null) writeObject(value);
  writer.message(field, length);
}

/** Bound beyond which a whole number has more than 64 bits. */
const LIMIT = 2 ** 63;

function writeNumber(value: number): void {
  if (Number.isInteger(value) && value >= -LIMIT && value < LIMIT) writer.integer(3, value);
  else writer.double(4, value);
}

function writeObject(value: object): void {
  if (value instanceof Uint8Array) return writer.bytes(7, value);
  const { length } = writer;
  if (!Array.isArray(value)) writeAttributes(1, value as Attributes);
  else for (let i = value.length - 1; i >= 0; i--) writeValue(1, value[i]);
  writer.message(Array.isArray(value) ? 5 : 6, length);
}
