import {
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  trace,
  type Context,
  type TextMapGetter,
  type TextMapSetter,
} from "@opentelemetry/api";

/** Headers of a request that is about to be sent. */
export interface OutgoingHeaders {
  /** Returns the value of a header, as set by the application; the name is in lower case. */
  get(name: string): string | undefined;
  /** Adds or replaces a header; throws if it is not valid. */
  set(name: string, value: string): void;
}

/** Headers in which any known propagator carries a trace. */
const TRACE_HEADERS: ReadonlySet<string> = new Set([
  "traceparent",
  "tracestate",
  "b3",
  "x-b3-traceid",
  "x-b3-spanid",
  "x-b3-parentspanid",
  "x-b3-sampled",
  "x-b3-flags",
  "uber-trace-id",
  "x-amzn-trace-id",
]);

/** Carrier that propagators write to, and that they read headers of the application from. */
class Carrier {
  readonly #headers: OutgoingHeaders;
  readonly #where: Context;
  /** True if the request carries a trace set by the application that differs from the current one. */
  #isForeign = false;

  constructor(headers: OutgoingHeaders, where: Context) {
    this.#headers = headers;
    this.#where = where;
  }

  get(name: string): string | undefined {
    return this.#headers.get(name.toLowerCase());
  }

  hasHeader(name: string): boolean {
    return this.get(name) !== undefined;
  }

  set(name: string, value: string): void {
    const isTrace = TRACE_HEADERS.has(name.toLowerCase());
    if (isTrace && this.#isForeign) return;
    if (this.hasHeader(name)) {
      if (!isTrace) return;
      this.#isForeign = !this.#isForwarded();
      if (this.#isForeign) return;
    }
    try {
      this.#headers.set(name, value);
    } catch {
      // The value a propagator derives from received headers may be invalid.
    }
  }

  /** Tells whether the trace in the headers is the current one, as when a proxy copies the headers it received. */
  #isForwarded(): boolean {
    const carried = trace.getSpanContext(propagation.extract(ROOT_CONTEXT, this, GETTER));
    const { traceId } = trace.getSpanContext(this.#where) ?? {};
    return carried !== undefined && isSpanContextValid(carried) && carried.traceId === traceId;
  }
}

const SETTER: TextMapSetter<Carrier> = { set: (carrier, name, value) => carrier.set(name, value) };
const GETTER: TextMapGetter<Carrier> = { get: (carrier, name) => carrier.get(name), keys: () => [] };

/**
 * Injects the propagation headers. A header set by the application is kept. If it carries the current trace it is
 * updated, so that a proxy which copies headers takes part in the trace.
 */
export function sendAlong(where: Context, headers: OutgoingHeaders): void {
  propagation.inject(where, new Carrier(headers, where), SETTER);
}

const BREAK = "\r\n";

const isLineOf = (line: string, name: string): boolean => line.toLowerCase().startsWith(`${name}:`);

/** Returns the value of a header in a block of header lines; the name is in lower case. */
export const headerIn = (text: string, name: string): string | undefined =>
  text
    .split(BREAK)
    .find((line) => isLineOf(line, name))
    ?.slice(name.length + 1)
    .trim();

/** Returns a block of header lines with one header added at the end, or replaced; the name is in lower case. */
export function withHeader(text: string, name: string, value: string): string {
  const lines = text.split(BREAK).filter((line) => !isLineOf(line, name));
  // The header block of a complete request ends with an empty line.
  const end = text.endsWith(BREAK + BREAK) ? lines.length - 2 : lines.length - 1;
  return lines.toSpliced(end, 0, `${name}: ${value}`).join(BREAK);
}
