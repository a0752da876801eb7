import { TraceFlags } from "@opentelemetry/api";
import type { LogRecordProcessor, ReadableLogRecord } from "@opentelemetry/sdk-logs";
import type { ReadableSpan, SpanProcessor } from "@opentelemetry/sdk-trace";
import type { Config } from "../../config/index.ts";
import { Batcher, type BatcherOptions } from "./batcher.ts";
import { queueCounts } from "./self-metrics.ts";
import type { OtlpPipeline } from "./pipeline.ts";

/** What a provider asks of a processor at its end. */
interface Processor {
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** Something that is also given what ended in another thread. */
export interface Taking<T> {
  take(item: T): void;
}

/** The way of what is sent, and what has to be taken from other threads before. */
export interface Way {
  readonly pipeline: OtlpPipeline;
  /** Takes what other threads have ended up to this moment. */
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

/** Sends spans that are sampled. */
export function spanProcessor(way: Way, config: Config): SpanProcessor & Taking<ReadableSpan> {
  const { spanQueueSize: queueSize, spanBatchSize: batchSize, spanDelay: delay } = config;
  const { add, ...processor } = batching<ReadableSpan>(way, "traces", { queueSize, batchSize, delay });
  return {
    ...processor,
    onStart() {},
    onEnd(span) {
      if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0) add(span);
    },
  };
}

/** Sends log records. */
export function logProcessor(way: Way, config: Config): LogRecordProcessor & Taking<ReadableLogRecord> {
  const { logQueueSize: queueSize, logBatchSize: batchSize, logDelay: delay } = config;
  const { add, ...processor } = batching<ReadableLogRecord>(way, "logs", { queueSize, batchSize, delay });
  return { ...processor, onEmit: add };
}
