import type { IncomingHttpHeaders } from "node:http";
import {
  propagation,
  ROOT_CONTEXT,
  type Context,
  type TextMapGetter,
  type TextMapPropagator,
} from "@opentelemetry/api";
import { registered } from "../../src/context/active.ts";

let carriers: readonly string[] | undefined;
/** The propagator that looks there. */
let looking: TextMapPropagator | undefined;

/**
 * Has the propagator that is registered asked for requests with one of some headers only.
 * @param headers where it finds all it looks for, if that is known
 */
export function lookAt(headers: readonly string[] | undefined): void {
  carriers = headers;
  looking = registered().propagation;
}

/** Longest header that a propagator is given; those of W3C are shorter. */
const MAX_HEADER = 16_384;

const limited = (value: string): string => (value.length > MAX_HEADER ? value.slice(0, MAX_HEADER) : value);

/** Gives headers to propagators, which can be of any package, no longer than they may take time to read. */
const limitedHeaders: TextMapGetter<IncomingHttpHeaders> = {
  keys: (headers) => Object.keys(headers),
  get(headers, name) {
    const value = headers[name];
    return typeof value === "string" ? limited(value) : value?.map(limited);
  },
};

/** The context that was sent along with a request; most come without. */
export function sent(headers: IncomingHttpHeaders): Context {
  const isKnown = carriers !== undefined && registered().propagation === looking;
  if (isKnown && !hasAny(headers, carriers!)) return ROOT_CONTEXT;
  return propagation.extract(ROOT_CONTEXT, headers, limitedHeaders);
}

function hasAny(headers: IncomingHttpHeaders, names: readonly string[]): boolean {
  for (const name of names) if (headers[name] !== undefined) return true;
  return false;
}
