import { TraceFlags } from "@opentelemetry/api";
import type { LogRecordProcessor, ReadableLogRecord } from "@opentelemetry/sdk-logs";
import type { ReadableSpan, SpanProcessor } from "@opentelemetry/sdk-trace";
import type { Config } from "../../config/index.ts";
import { Batcher, type BatcherOptions } from "./batcher.ts";
import { queueCounts } from "./self-metrics.ts";
import type { OtlpPipeline } from "./pipeline.ts";

/** Methods that a provider calls on a processor at its end. */
interface Processor {
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** Receiver of items that ended in another thread. */
export interface WorkerSink<T> {
  take(item: T): void;
}

/** Pipeline, and the source of items from other threads. */
export interface Way {
  readonly pipeline: OtlpPipeline;
  /** Takes the items that other threads have ended until now. */
  readonly take: () => void;
}

function batching<T>(
  { pipeline, take }: Way,
  signal: "traces" | "logs",
  sizes: Pick<BatcherOptions<T>, "queueSize" | "batchSize" | "delay">,
): Processor & Record<"add" | "take", (item: T) => void> {
  const send = pipeline.open(signal, {
    pack() {
      take();
      batcher.pack();
    },
    end() {
      take();
      batcher.end();
    },
  });
  const batcher = new Batcher<T>({
    ...sizes,
    counts: queueCounts(signal),
    serialize: (items) => send(items, items.length),
  });
  let isShut = false;
  return {
    add: (item) => {
      if (!isShut) batcher.add(item);
    },
    take: (item) => {
      if (!isShut) batcher.take(item);
    },
    forceFlush: () => pipeline.flush(),
    shutdown: () => {
      take();
      isShut = true;
      return pipeline.flush();
    },
  };
}

/** Tells whether a span is to be sent. One of our own says so without having made its ids. */
const isSampled = (span: ReadableSpan & { readonly isSampled?: boolean }): boolean =>
  span.isSampled ?? (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;

/** Creates the processor that sends sampled spans. */
export function spanProcessor(way: Way, config: Config): SpanProcessor & WorkerSink<ReadableSpan> {
  const { spanQueueSize: queueSize, spanBatchSize: batchSize, spanDelay: delay } = config;
  const { add, ...processor } = batching<ReadableSpan>(way, "traces", { queueSize, batchSize, delay });
  return {
    ...processor,
    onStart() {},
    onEnd(span) {
      if (isSampled(span)) add(span);
    },
  };
}

/** Creates the processor that sends log records. */
export function logProcessor(way: Way, config: Config): LogRecordProcessor & WorkerSink<ReadableLogRecord> {
  const { logQueueSize: queueSize, logBatchSize: batchSize, logDelay: delay } = config;
  const { add, ...processor } = batching<ReadableLogRecord>(way, "logs", { queueSize, batchSize, delay });
  return { ...processor, onEmit: add };
}
