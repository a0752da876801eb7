import {
  INVALID_SPAN_CONTEXT,
  trace,
  TraceFlags,
  type Span,
  type SpanContext,
  type TraceState,
} from "@opentelemetry/api";
import { randomSpanId, traceIdOf } from "./ids.ts";

/** Class of the API, which does not export it. */
const ApiNonRecordingSpan = trace.wrapSpanContext(INVALID_SPAN_CONTEXT).constructor as new () => Span;

/** Trace that a span is part of. */
interface Trace {
  readonly traceId: string;
  readonly traceState: TraceState | undefined;
}

/** Span that is not recorded. The ids of most such spans are never read, so they are generated on demand. */
export class NonRecordingSpan extends ApiNonRecordingSpan {
  readonly #trace: number | Trace;
  #spanContext: SpanContext | undefined;

  /** @param itsTrace trace of the span; for the root of a trace, the deciding number: see {@link traceIdOf} */
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
