import { validateHeaderValue, type ClientRequest } from "node:http";
import type { TextMapSetter } from "@opentelemetry/api";

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
