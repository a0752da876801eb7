import {
  INVALID_SPAN_CONTEXT,
  trace,
  TraceFlags,
  type Span,
  type SpanContext,
  type TraceState,
} from "@opentelemetry/api";
import { randomSpanId, traceIdOf } from "./ids.ts";

/** The API has such a class, and does not export it. */
const NonRecordingSpan = trace.wrapSpanContext(INVALID_SPAN_CONTEXT).constructor as new () => Span;

/** The trace a span is part of. */
interface Trace {
  readonly traceId: string;
  readonly traceState: TraceState | undefined;
}

/** A span that is not recorded. Nobody asks most of them for their ids, so they are made for those who do. */
export class UnrecordedSpan extends NonRecordingSpan {
  readonly #trace: number | Trace;
  #spanContext: SpanContext | undefined;

  /** @param itsTrace the trace it belongs to; of one that begins with it, what was decided by: see {@link traceIdOf} */
  constructor(itsTrace: number | Trace) {
    super();
    this.#trace = itsTrace;
  }

  override spanContext(): SpanContext {
    return (this.#spanContext ??= this.#identify());
  }

  #identify(): SpanContext {
    const identity = { spanId: randomSpanId(), traceFlags: TraceFlags.NONE };
    if (typeof this.#trace === "number") return { traceId: traceIdOf(this.#trace), ...identity };
    const { traceId, traceState } = this.#trace;
    return traceState === undefined ? { traceId, ...identity } : { traceId, ...identity, traceState };
  }
}
