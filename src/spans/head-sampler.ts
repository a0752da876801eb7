import { SpanKind, trace, type Attributes, type Context, type Link, type Span } from "@opentelemetry/api";
import { SamplingDecision, type IdGenerator } from "@opentelemetry/sdk-trace";
import { randomSpanId, randomWord, traceIdOf } from "./ids.ts";
import { NonRecordingSpan } from "./non-recording-span.ts";
import type { RatedSampler } from "./sampler.ts";

const NO_ATTRIBUTES: Attributes = {};
const NO_LINKS: Link[] = [];

/**
 * Returns the bound for a new trace: it is recorded if its deciding number is lower. The formula is that of the SDK.
 */
const boundOf = (ratio: number): number => (ratio >= 1 ? 2 ** 32 : Math.floor(ratio * (2 ** 32 - 1)));

/**
 * Head sampler that decides before a span is created: a span that is not recorded costs the SDK ten times as much. It
 * is for samplers that decide by the parent and the trace id alone. It is also the id generator of the provider they
 * belong to, so that the provider makes the same decision.
 */
export class HeadSampler implements IdGenerator {
  readonly #sampler: RatedSampler;
  #decided: string | undefined;

  constructor(sampler: RatedSampler) {
    this.#sampler = sampler;
  }

  /**
   * Decides about a span.
   * @returns the span if it is not recorded; otherwise the caller has to start it next
   */
  nonRecordingSpan(parent: Context): Span | undefined {
    const above = trace.getSpanContext(parent);
    if (above === undefined || !trace.isSpanContextValid(above)) return this.#nonRecordingRoot();
    const { traceId } = above;
    const sampled = this.#sampler.shouldSample(parent, traceId, "", SpanKind.INTERNAL, NO_ATTRIBUTES, NO_LINKS);
    if (sampled.decision !== SamplingDecision.NOT_RECORD) return undefined;
    return new NonRecordingSpan({ traceId, traceState: sampled.traceState ?? above.traceState });
  }

  #nonRecordingRoot(): Span | undefined {
    const decisive = randomWord();
    if (decisive >= boundOf(this.#sampler.ratio)) return new NonRecordingSpan(decisive);
    this.#decided = traceIdOf(decisive);
    return undefined;
  }

  generateTraceId(): string {
    const traceId = this.#decided ?? traceIdOf(randomWord());
    this.#decided = undefined;
    return traceId;
  }

  generateSpanId(): string {
    return randomSpanId();
  }
}
