import type { IncomingHttpHeaders } from "node:http";
import {
  propagation,
  ROOT_CONTEXT,
  type Context,
  type TextMapGetter,
  type TextMapPropagator,
} from "@opentelemetry/api";
import { registered } from "../../src/context/active.ts";

let propagationHeaders: readonly string[] | undefined;
/** The propagator that reads only those headers. */
let restricted: TextMapPropagator | undefined;

/**
 * Restricts the registered propagator to requests with at least one of the given headers.
 * @param headers the headers in which it finds everything it reads, if known
 */
export function setPropagationHeaders(headers: readonly string[] | undefined): void {
  propagationHeaders = headers;
  restricted = registered().propagation;
}

/** Maximum length of a header that is passed to a propagator; those of W3C are shorter. */
const MAX_HEADER = 16_384;

const limited = (value: string): string => (value.length > MAX_HEADER ? value.slice(0, MAX_HEADER) : value);

/** Carrier for propagators, which can come from any package. It limits header length, and so the time they may take. */
const limitedHeaders: TextMapGetter<IncomingHttpHeaders> = {
  keys: (headers) => Object.keys(headers),
  get(headers, name) {
    const value = headers[name];
    return typeof value === "string" ? limited(value) : value?.map(limited);
  },
};

/** Extracts the context that was propagated with a request; most requests carry none. */
export function extractContext(headers: IncomingHttpHeaders): Context {
  const isKnown = propagationHeaders !== undefined && registered().propagation === restricted;
  if (isKnown && !hasAny(headers, propagationHeaders!)) return ROOT_CONTEXT;
  return propagation.extract(ROOT_CONTEXT, headers, limitedHeaders);
}

function hasAny(headers: IncomingHttpHeaders, names: readonly string[]): boolean {
  for (const name of names) if (headers[name] !== undefined) return true;
  return false;
}
