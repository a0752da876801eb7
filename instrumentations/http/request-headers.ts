import { validateHeaderValue, type ClientRequest } from "node:http";
import { headerIn, withHeader, type OutgoingHeaders } from "./outgoing-headers.ts";

/** Where a request keeps its headers once they are a text. */
interface StoredHeaders {
  _header: string;
  readonly _headerSent: boolean;
  readonly outputData: { data: unknown }[];
  outputSize: number;
}

/**
 * The headers of a request of `node:http`. Those that are given as an array, or expect `100-continue`, it turns into text
 * while it makes the request. That has not been sent then, and is replaced where it lies.
 */
export class RequestHeaders implements OutgoingHeaders {
  readonly #request: ClientRequest;

  constructor(request: ClientRequest) {
    this.#request = request;
  }

  get(name: string): string | undefined {
    if (this.#request.headersSent) return headerIn((this.#request as unknown as StoredHeaders)._header, name);
    const value = this.#request.getHeader(name);
    const first = Array.isArray(value) ? value[0] : value;
    return first === undefined ? undefined : String(first);
  }

  set(name: string, value: string): void {
    validateHeaderValue(name, value);
    if (this.#request.headersSent) replaceText(this.#request as unknown as StoredHeaders, name.toLowerCase(), value);
    else this.#request.setHeader(name, value);
  }
}

function replaceText(request: StoredHeaders, name: string, value: string): void {
  const header = request._header;
  const changed = withHeader(header, name, value);
  if (request._headerSent) {
    const queued = request.outputData.find(({ data }) => data === header);
    if (queued === undefined) return;
    queued.data = changed;
    request.outputSize += changed.length - header.length;
  }
  request._header = changed;
}
