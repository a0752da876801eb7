import { validateHeaderValue, type ClientRequest } from "node:http";
import { headerIn, withHeader, type OutgoingHeaders } from "./outgoing-headers.ts";

/** Request whose headers are stored as text. */
interface StoredHeaders {
  _header: string;
  readonly _headerSent: boolean;
  readonly outputData: { data: unknown }[];
  outputSize: number;
}

/**
 * Headers of a `node:http` request. If they are given as an array, or include `Expect: 100-continue`, Node.js
 * serializes them while it creates the request. The text has not been sent then, and is replaced in place.
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
