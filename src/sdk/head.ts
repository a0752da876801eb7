import {
  trace,
  TraceFlags,
  type Attributes,
  type Context,
  type Link,
  type SpanContext,
  type SpanKind,
} from "@opentelemetry/api";
import { SamplingDecision, type IdGenerator, type Sampler } from "@opentelemetry/sdk-trace";

const TRACE_DIGITS = 32;
const SPAN_DIGITS = 16;

const words = new Uint32Array(128);
const bytes = Buffer.from(words.buffer);
/** Made many at a time; few enough that an id, which is a piece of them, keeps no more than this in memory. */
let digits = "";
let used = 0;

/**
 * Hexadecimal digits, as random as the ids of the SDK.
 * @param length up to 32
 */
export function randomId(length: number): string {
  if (used + length > digits.length) {
    for (let i = 0; i < words.length; i++) words[i] = Math.random() * 2 ** 32;
    digits = bytes.toString("hex");
    used = 0;
  }
  used += length;
  return digits.slice(used - length, used);
}

const NO_ATTRIBUTES: Attributes = {};
const NO_LINKS: Link[] = [];

/**
 * Decides about a span before anything is made of it: a span that is not recorded costs the SDK four times as much. It
 * is for samplers that decide by the parent and the trace id alone, and is the source of ids of the provider they
 * belong to, so that the provider decides alike.
 */
export class Head implements IdGenerator {
  readonly #sampler: Sampler;
  #decided: string | undefined;

  constructor(sampler: Sampler) {
    this.#sampler = sampler;
  }

  /** @returns what identifies the span if it is not recorded; otherwise it has to be started next */
  unrecorded(name: string, kind: SpanKind, parent: Context): SpanContext | undefined {
    const above = trace.getSpanContext(parent);
    const isRoot = above === undefined || !trace.isSpanContextValid(above);
    const traceId = isRoot ? randomId(TRACE_DIGITS) : above.traceId;
    const { decision, traceState = isRoot ? undefined : above.traceState } = this.#sampler.shouldSample(
      parent,
      traceId,
      name,
      kind,
      NO_ATTRIBUTES,
      NO_LINKS,
    );
    if (decision !== SamplingDecision.NOT_RECORD) {
      if (isRoot) this.#decided = traceId;
      return undefined;
    }
    const spanContext = { traceId, spanId: randomId(SPAN_DIGITS), traceFlags: TraceFlags.NONE };
    return traceState === undefined ? spanContext : { ...spanContext, traceState };
  }

  generateTraceId(): string {
    const traceId = this.#decided ?? randomId(TRACE_DIGITS);
    this.#decided = undefined;
    return traceId;
  }

  generateSpanId(): string {
    return randomId(SPAN_DIGITS);
  }
}
