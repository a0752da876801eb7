import type { EventEmitter } from "node:events";
import { IncomingMessage, Server as HttpServer, ServerResponse } from "node:http";
import type { IncomingHttpHeaders } from "node:http2";
import { Server as NetServer } from "node:net";
import { Duplex } from "node:stream";
import type { Scheme } from "./addresses.ts";
import { guard } from "./guard.ts";
import { followStreams, isHttp2Request, isHttp2Stream, StreamExchange } from "./http2-server.ts";
import { emitOf, emitWithin, exchangeOf, join, type Emitter } from "./messages.ts";
import { onRoute } from "./route.ts";
import { requestListeners } from "../../src/context/request.ts";
import { ServerExchange } from "./server-exchange.ts";
import { UpgradeExchange } from "./upgrade.ts";

/**
 * Instruments each request that is passed to the application, and runs it in the context its headers carry. A request
 * that is passed on, from one server or event to another, counts as one request.
 */
export function observeServers(): void {
  // The common base class of HTTP and HTTPS servers: loading `node:https` takes 10 ms and up to 5 MB.
  const { prototype } = NetServer;
  const inherited = emitOf(prototype);
  prototype.emit = function emit(this: Emitter, event: string, ...args: unknown[]) {
    const exchange = EVENTS.has(event) ? begin(this, event, args) : undefined;
    if (exchange === undefined) return inherited.emit.call(this, event, ...args);
    let hasReturned = false;
    try {
      const result = emitWithin(exchange.context, inherited.emit, this, [event, ...args]);
      hasReturned = true;
      return result;
    } finally {
      if (!hasReturned) guard.attempt(() => exchange.threw());
    }
  };
  onRoute((request, route) => {
    const exchange = exchangeOf(request);
    if (exchange instanceof ServerExchange) exchange.matched(route);
  });
}

/** Begins the exchange of a server event; returns undefined if the application passes an object that is not HTTP. */
function begin(server: Emitter, event: string, args: readonly unknown[]): ServerExchange | undefined {
  if (!guard.enabled) return undefined;
  try {
    return EVENTS.get(event)!(server, args);
  } catch (error) {
    guard.failed(error);
    return undefined;
  }
}

const schemeOf = (server: Emitter): Scheme => (server instanceof HttpServer ? "http" : "https");

function beginRequest(server: Emitter, [request, response]: readonly unknown[]): ServerExchange | undefined {
  if (!(request instanceof IncomingMessage && response instanceof ServerResponse)) {
    joinStream(request, response);
    return undefined;
  }
  if (exchangeOf(request) !== undefined) return undefined;
  const exchange = new RequestExchange(schemeOf(server), request, response);
  join(request, exchange);
  join(response, exchange);
  requestListeners.began?.(response, exchange.context);
  return exchange;
}

/** Adds the request and response of the HTTP/1 compatibility API to the exchange of their HTTP/2 stream. */
function joinStream(request: unknown, response: unknown): void {
  if (!isHttp2Request(request) || exchangeOf(request) !== undefined) return;
  const exchange = exchangeOf(request.stream);
  if (!(exchange instanceof StreamExchange)) return;
  join(request, exchange);
  exchange.context.routed = request as unknown as IncomingMessage;
  requestListeners.began?.(response as ServerResponse, exchange.context);
}

function beginStream(_: Emitter, [stream, headers]: readonly unknown[]): ServerExchange | undefined {
  if (!isHttp2Stream(stream) || exchangeOf(stream) !== undefined) return undefined;
  followStreams(stream);
  const exchange = new StreamExchange(stream, headers as IncomingHttpHeaders);
  join(stream, exchange);
  return exchange;
}

function beginUpgrade(server: Emitter, [request, socket]: readonly unknown[]): ServerExchange | undefined {
  if (!(request instanceof IncomingMessage && socket instanceof Duplex)) return undefined;
  if (exchangeOf(request) !== undefined) return undefined;
  const exchange = new UpgradeExchange(schemeOf(server), request, socket);
  join(request, exchange);
  return exchange;
}

type Begin = (server: Emitter, args: readonly unknown[]) => ServerExchange | undefined;

/** Events of a server that pass a request to the application. */
const EVENTS: ReadonlyMap<string, Begin> = new Map([
  ["request", beginRequest],
  ["checkContinue", beginRequest],
  ["checkExpectation", beginRequest],
  ["stream", beginStream],
  ["upgrade", beginUpgrade],
  ["connect", beginUpgrade],
]);

/** HTTP/1 request that is being answered. */
class RequestExchange extends ServerExchange {
  readonly #response: ServerResponse;

  constructor(scheme: Scheme, request: IncomingMessage, response: ServerResponse) {
    super(scheme, request);
    this.#response = response;
  }

  onEvent(event: unknown, message: EventEmitter, argument: unknown): void {
    if (message !== this.#response) return;
    if (event === "error") this.failed(argument);
    else if (event === "close") this.end();
  }

  protected status(): number | undefined {
    return this.#response.headersSent ? this.#response.statusCode : undefined;
  }

  protected isWhole(): boolean {
    return this.#response.writableFinished;
  }
}
