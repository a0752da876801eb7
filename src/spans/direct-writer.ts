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
 * of seven statements. Ours have ended when they are created, and their ids, times and attributes are made when an
 * exporter reads them: the application waits for none of that.
 */
class DirectSpan implements OpenSpan, ReadableSpan {
  readonly name: string;
  readonly kind: SpanKind;
  readonly parentSpanContext: SpanContext;
  /** Every span of this writer is sampled, which is known without its ids. */
  readonly isSampled = true;
  status = UNSET;
  ended = false;
  readonly links: Link[];
  readonly events = NO_EVENTS;
  readonly instrumentationScope = SCOPE;
  readonly droppedAttributesCount = 0;
  readonly droppedEventsCount = 0;
  readonly droppedLinksCount = 0;
  readonly #destination: SpanDestination;
  readonly #start: bigint;
  readonly #anchor: Anchor;
  readonly #parent: Context;
  #nanoseconds = 0;
  #attributes: SpanEnd["attributes"] = {};
  #spanContext: SpanContext | undefined;

  constructor(
    { name, kind, start, anchor, parent, links }: SpanStart,
    above: SpanContext,
    destination: SpanDestination,
  ) {
    this.name = name;
    this.kind = kind;
    this.links = links === undefined ? NO_LINKS : [...links];
    this.parentSpanContext = above;
    this.#destination = destination;
    this.#start = start;
    this.#anchor = anchor;
    this.#parent = parent;
  }

  get resource(): Resource {
    return this.#destination.resource;
  }

  get startTime(): HrTime {
    return wallTime(this.#start, this.#anchor);
  }

  get endTime(): HrTime {
    return wallTime(this.#start + BigInt(this.#nanoseconds), this.#anchor);
  }

  get duration(): HrTime {
    return [Math.floor(this.#nanoseconds / 1e9), this.#nanoseconds % 1e9];
  }

  get attributes(): Attributes {
    if (typeof this.#attributes === "function") this.#attributes = this.#attributes();
    return this.#attributes;
  }

  get context(): Context {
    return trace.setSpan(this.#parent, trace.wrapSpanContext(this.spanContext()));
  }

  spanContext(): SpanContext {
    return (this.#spanContext ??= this.#createContext());
  }

  #createContext(): SpanContext {
    const { traceId, traceFlags, traceState } = this.parentSpanContext;
    const spanId = this.#destination.ids.generateSpanId();
    return traceState === undefined ? { traceId, spanId, traceFlags } : { traceId, spanId, traceFlags, traceState };
  }

  end({ nanoseconds, attributes, isFailed }: SpanEnd): void {
    this.#attributes = attributes;
    if (isFailed) this.status = ERROR;
    this.#nanoseconds = Math.round(nanoseconds);
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
