import { validateHeaderValue, type ClientRequest, type IncomingHttpHeaders } from "node:http";
import {
  propagation,
  ROOT_CONTEXT,
  type Context,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
} from "@opentelemetry/api";
import { registered } from "../registered.ts";

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

/** Where a request keeps its headers once they are a text. */
interface StoredHeaders {
  _header: string;
  readonly _headerSent: boolean;
  readonly outputData: { data: unknown }[];
  outputSize: number;
}

/** Adds what a propagator sends along to the headers of a request; what is no valid header is left out. */
export const headerSetter: TextMapSetter<ClientRequest> = {
  set(request, name, value) {
    try {
      validateHeaderValue(name, value);
    } catch {
      return;
    }
    if (request.headersSent) addToText(request as unknown as StoredHeaders, name, value);
    else request.setHeader(name, value);
  },
};

/**
 * Node.js turns headers that are given as an array, or expect `100-continue`, into text while it makes the request. It
 * has not been sent then, and is replaced where it lies. A header of the application's own stays.
 */
function addToText(request: StoredHeaders, name: string, value: string): void {
  const header = request._header;
  if (header.toLowerCase().includes(`\r\n${name}:`)) return;
  const line = `${name}: ${value}\r\n`;
  const longer = `${header.slice(0, -2)}${line}\r\n`;
  if (request._headerSent) {
    const queued = request.outputData.find(({ data }) => data === header);
    if (queued === undefined) return;
    queued.data = longer;
    request.outputSize += line.length;
  }
  request._header = longer;
}
