import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import type { Attributes, Context } from "@opentelemetry/api";
import { getRPCMetadata, type RPCMetadata } from "@opentelemetry/core";

/**
 * Request that the application serves. Everything that runs because of it finds it in its context, also after it is
 * over.
 */
export interface ServedRequest extends RPCMetadata {
  /** Returns the value of a retained header; see {@link keepHeaders}. */
  header(name: string): IncomingHttpHeaders[string];
  /** Returns the address of the client. */
  clientAddress(): string | undefined;
  /** Returns the route that the application matched, if it is known. */
  matchedRoute(): string | undefined;
  /** Fields that the application has added for the request. */
  logFields?: Record<string, unknown>;
}

/** Returns the request that a context belongs to. */
export function servedRequest(context: Context): ServedRequest | undefined {
  const found = getRPCMetadata(context) as Partial<ServedRequest> | undefined;
  // Other instrumentations set this metadata as well, without a request.
  return found?.matchedRoute === undefined ? undefined : (found as ServedRequest);
}

const keptHeaders = ["forwarded", "x-forwarded-for"];

/** Retains headers of each request for records that are written after it is over. */
export function keepHeaders(...names: readonly string[]): void {
  for (const name of names) if (!keptHeaders.includes(name)) keptHeaders.push(name);
}

/** Parts of a request that are retained. */
interface Remembered {
  readonly headers: IncomingHttpHeaders;
  readonly socket?: { readonly remoteAddress?: string | undefined } | null | undefined;
}

/**
 * Data of a request that is retained after it is over. Timers and promises of the request keep its context alive, but
 * not the request and the response with everything that frameworks attach to them.
 */
export class RequestRemains {
  readonly remoteAddress: string | undefined;
  readonly route: string | undefined;
  readonly #headers: Map<string, IncomingHttpHeaders[string]> | undefined;

  constructor({ headers, socket }: Remembered, route: string | undefined) {
    this.route = route;
    this.remoteAddress = socket?.remoteAddress;
    for (const name of keptHeaders) {
      if (headers[name] !== undefined) (this.#headers ??= new Map()).set(name, headers[name]);
    }
  }

  header(name: string): IncomingHttpHeaders[string] {
    return this.#headers?.get(name);
  }
}

/** Context of a listener that has thrown, until the error has been handled. */
export const throwing: { context: Context | undefined } = { context: undefined };

/** Result of a request. */
export interface CompletedRequest {
  readonly context: Context;
  readonly nanoseconds: number;
  /** Method and status, and the error of a failed request. */
  readonly attributes: Attributes;
  readonly route: string | undefined;
}

/** Listeners for each served request; unset unless a setting requires them. */
export const requestListeners: {
  began?: (response: ServerResponse, context: Context) => void;
  completed?: (completed: CompletedRequest) => void;
} = {};
