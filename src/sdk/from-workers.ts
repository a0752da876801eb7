import { ROOT_CONTEXT } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import type { LogRecordProcessor, ReadableLogRecord, ReadWriteLogRecord } from "@opentelemetry/sdk-logs";
import type { ReadableSpan, Span, SpanProcessor } from "@opentelemetry/sdk-trace";
import type { WorkerSink } from "../export/otlp/processors.ts";
import { receiveFromWorkers } from "../threads/main-thread.ts";
import { unpackRecord, unpackSpan } from "../threads/serialize.ts";

/** Passes spans of workers to the processors of the main thread. */
export function receiveSpans(
  resource: Resource,
  processors: readonly (SpanProcessor & Partial<WorkerSink<ReadableSpan>>)[],
): void {
  receiveFromWorkers((handed, origin) => {
    if (!("span" in handed)) return;
    const span = unpackSpan(handed.span, origin, resource);
    for (const processor of processors) {
      if (processor.take === undefined) processor.onEnd(span as Span);
      else processor.take(span);
    }
  });
}

/** Passes log records of workers to the processors of the main thread. */
export function receiveRecords(
  resource: Resource,
  processors: readonly (LogRecordProcessor & Partial<WorkerSink<ReadableLogRecord>>)[],
): void {
  receiveFromWorkers((handed, origin) => {
    if (!("record" in handed)) return;
    const record = unpackRecord(handed.record, origin, resource);
    for (const processor of processors) {
      if (processor.take === undefined) processor.onEmit(record as ReadWriteLogRecord, ROOT_CONTEXT);
      else processor.take(record);
    }
  });
}
