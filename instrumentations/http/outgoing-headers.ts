import {
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  trace,
  type Context,
  type TextMapGetter,
  type TextMapSetter,
} from "@opentelemetry/api";

/** The headers of a request that is about to be sent. */
export interface OutgoingHeaders {
  /** The value of a header, which has come from the application; a name is in lower case. */
  get(name: string): string | undefined;
  /** Adds a header, or replaces the one of that name; throws for what is no valid header. */
  set(name: string, value: string): void;
}

/** The headers in which a trace travels, of all propagators there are. */
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

/** What propagators write to, and look into for what the application has written itself. */
class Carrier {
  readonly #headers: OutgoingHeaders;
  readonly #where: Context;
  /** Whether the request carries a trace that the application gave it, and is not the one it is made in. */
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
      // What a propagator made of what came in need not be valid.
    }
  }

  /** Whether the trace in the headers is the one the request is made in, as where a proxy copies what it was sent. */
  #isForwarded(): boolean {
    const carried = trace.getSpanContext(propagation.extract(ROOT_CONTEXT, this, GETTER));
    const { traceId } = trace.getSpanContext(this.#where) ?? {};
    return carried !== undefined && isSpanContextValid(carried) && carried.traceId === traceId;
  }
}

const SETTER: TextMapSetter<Carrier> = { set: (carrier, name, value) => carrier.set(name, value) };
const GETTER: TextMapGetter<Carrier> = { get: (carrier, name) => carrier.get(name), keys: () => [] };

/**
 * Has the propagator add what it sends along. A header of the application's own stays; that of the trace the request is
 * made in is brought up to date, so that a proxy which copies headers is in the trace.
 */
export function sendAlong(where: Context, headers: OutgoingHeaders): void {
  propagation.inject(where, new Carrier(headers, where), SETTER);
}

const BREAK = "\r\n";

const isLineOf = (line: string, name: string): boolean => line.toLowerCase().startsWith(`${name}:`);

/** The value of a header in lines of headers; the name is in lower case. */
export const headerIn = (text: string, name: string): string | undefined =>
  text
    .split(BREAK)
    .find((line) => isLineOf(line, name))
    ?.slice(name.length + 1)
    .trim();

/** Lines of headers with one that is added before the end, or replaced; the name is in lower case. */
export function withHeader(text: string, name: string, value: string): string {
  const lines = text.split(BREAK).filter((line) => !isLineOf(line, name));
  // Those of a whole request end with an empty line.
  const end = text.endsWith(BREAK + BREAK) ? lines.length - 2 : lines.length - 1;
  return lines.toSpliced(end, 0, `${name}: ${value}`).join(BREAK);
}
