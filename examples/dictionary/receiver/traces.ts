import { ATTR_STORAGE_ROLLUP_ERRORS } from "../../../semconv/index.ts";
import { readAttributes, type Attributes, type OtlpSpan } from "./otlp.ts";

/** A span as far as the demo shows it. */
export interface Span {
  readonly name: string;
  /** Seconds. */
  readonly duration: number;
  readonly attributes: Attributes;
}

/** A request the service answered, and the spans inside it. */
export interface Trace {
  readonly id: string;
  readonly request: Span;
  readonly inner: readonly Span[];
}

interface Received {
  request?: Span;
  readonly inner: Span[];
}

const SERVER = 2;
const MAX_KEPT = 2_000;
const KEPT_WHEN_FULL = 100;

/** The traces worth showing among those received. */
export class Traces {
  readonly #received = new Map<string, Received>();

  add(span: OtlpSpan): void {
    let trace = this.#received.get(span.traceId);
    if (trace === undefined) {
      trace = { inner: [] };
      this.#received.set(span.traceId, trace);
    }
    if (span.kind === SERVER) trace.request = readSpan(span);
    else trace.inner.push(readSpan(span));
    if (this.#received.size > MAX_KEPT) this.#forget();
  }

  /** Slowest first. */
  slowest(limit: number): Trace[] {
    return this.#finished().slice(0, limit);
  }

  /** Those in which a storage operation failed, slowest first. */
  failed(limit: number): Trace[] {
    const failed = this.#finished().filter(({ request }) => request.attributes[ATTR_STORAGE_ROLLUP_ERRORS]);
    return failed.slice(0, limit);
  }

  #finished(): Trace[] {
    const traces = [...this.#received].flatMap(([id, { request, inner }]) => {
      return request === undefined ? [] : [{ id, request, inner }];
    });
    return traces.sort((a, b) => b.request.duration - a.request.duration);
  }

  /** The span of a request is sent after those inside it, so a trace that has one is complete. */
  #forget(): void {
    const kept = new Set([...this.slowest(KEPT_WHEN_FULL), ...this.failed(KEPT_WHEN_FULL)].map(({ id }) => id));
    for (const { id } of this.#finished()) if (!kept.has(id)) this.#received.delete(id);
  }
}

function readSpan({ name, startTimeUnixNano, endTimeUnixNano, attributes }: OtlpSpan): Span {
  const duration = Number(BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano)) / 1e9;
  return { name, duration, attributes: readAttributes(attributes) };
}
