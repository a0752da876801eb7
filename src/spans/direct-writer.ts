import {
  SpanStatusCode,
  trace,
  TraceFlags,
  type Attributes,
  type Context,
  type HrTime,
  type Link,
  type SpanContext,
  type SpanKind,
  type SpanStatus,
} from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import type { IdGenerator, ReadableSpan, SpanProcessor } from "@opentelemetry/sdk-trace";
import { wallTime, type Anchor } from "../runtime/clock.ts";
import { SCOPE } from "../runtime/package-info.ts";
import type { SpanStart, SpanEnd, OpenSpan, SpanWriter } from "./writer.ts";

/** Destination of spans. */
interface SpanDestination {
  readonly processors: readonly SpanProcessor[];
  readonly resource: Resource;
  readonly ids: IdGenerator;
}

const NO_LINKS: Link[] = [];
const NO_EVENTS: ReadableSpan["events"] = [];
const UNSET: SpanStatus = { code: SpanStatusCode.UNSET };
const ERROR: SpanStatus = { code: SpanStatusCode.ERROR };

/**
 * Span in the form that exporters read. A span of the SDK is mutable until it ends, and costs as much as a transaction
 * of seven statements. Our spans have ended when they are created.
 */
class DirectSpan implements OpenSpan, ReadableSpan {
  readonly name: string;
  readonly kind: SpanKind;
  readonly parentSpanContext: SpanContext;
  readonly startTime: HrTime;
  endTime: HrTime;
  duration: HrTime = [0, 0];
  attributes: Attributes = {};
  status = UNSET;
  ended = false;
  readonly links: Link[];
  readonly events = NO_EVENTS;
  readonly instrumentationScope = SCOPE;
  readonly droppedAttributesCount = 0;
  readonly droppedEventsCount = 0;
  readonly droppedLinksCount = 0;
  readonly #spanContext: SpanContext;
  readonly #destination: SpanDestination;
  readonly #start: bigint;
  readonly #anchor: Anchor;
  readonly #parent: Context;

  constructor(
    { name, kind, start, anchor, parent, links }: SpanStart,
    above: SpanContext,
    destination: SpanDestination,
  ) {
    this.name = name;
    this.kind = kind;
    this.links = links === undefined ? NO_LINKS : [...links];
    this.parentSpanContext = above;
    this.startTime = this.endTime = wallTime(start, anchor);
    const { traceId, traceFlags, traceState } = above;
    const spanId = destination.ids.generateSpanId();
    this.#spanContext =
      traceState === undefined ? { traceId, spanId, traceFlags } : { traceId, spanId, traceFlags, traceState };
    this.#destination = destination;
    this.#start = start;
    this.#anchor = anchor;
    this.#parent = parent;
  }

  get resource(): Resource {
    return this.#destination.resource;
  }

  get context(): Context {
    return trace.setSpan(this.#parent, trace.wrapSpanContext(this.#spanContext));
  }

  spanContext(): SpanContext {
    return this.#spanContext;
  }

  end({ nanoseconds, attributes, isFailed }: SpanEnd): void {
    const whole = Math.round(nanoseconds);
    this.attributes = attributes;
    if (isFailed) this.status = ERROR;
    this.endTime = wallTime(this.#start + BigInt(whole), this.#anchor);
    this.duration = [Math.floor(whole / 1e9), whole % 1e9];
    this.ended = true;
    for (const processor of this.#destination.processors) processor.onEnd(this);
  }
}

/**
 * Returns a writer that creates the children of sampled spans itself, as every sampler of the settings would sample
 * them.
 * @param otherwise writer of all other spans
 */
export function writeDirectly(destination: SpanDestination, otherwise: SpanWriter): SpanWriter {
  return (beginning) => {
    const above = trace.getSpanContext(beginning.parent);
    return above === undefined || (above.traceFlags & TraceFlags.SAMPLED) === 0
      ? otherwise(beginning)
      : new DirectSpan(beginning, above, destination);
  };
}
