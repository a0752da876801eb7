import type { Resource } from "@opentelemetry/resources";
import type { LogRecordProcessor, ReadWriteLogRecord } from "@opentelemetry/sdk-logs";
import type { Span, SpanProcessor } from "@opentelemetry/sdk-trace";
import { ROOT_CONTEXT } from "@opentelemetry/api";
import { receiveFromWorkers } from "./main.ts";
import { unpackRecord, unpackSpan } from "./transit.ts";

/** Has spans of workers go the way of the main thread's own. */
export function receiveSpans(resource: Resource, processors: readonly SpanProcessor[]): void {
  receiveFromWorkers((handed, origin) => {
    if (!("span" in handed)) return;
    const span = unpackSpan(handed.span, origin, resource);
    for (const processor of processors) processor.onEnd(span as Span);
  });
}

/** Has log records of workers go the way of the main thread's own. */
export function receiveRecords(resource: Resource, processors: readonly LogRecordProcessor[]): void {
  receiveFromWorkers((handed, origin) => {
    if (!("record" in handed)) return;
    const record = unpackRecord(handed.record, origin, resource);
    for (const processor of processors) processor.onEmit(record as ReadWriteLogRecord, ROOT_CONTEXT);
  });
}
