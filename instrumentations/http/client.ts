import { subscribe } from "node:diagnostics_channel";
import { Agent, ClientRequest, type IncomingMessage } from "node:http";
import type { Context } from "@opentelemetry/api";
import { isTracingSuppressed } from "@opentelemetry/core";
import { activeContext } from "../../src/context/active.ts";
import { defaultPort, parseHost } from "./addresses.ts";
import { isCancellation } from "./cancellation.ts";
import { ClientCall, type CallEnding } from "./client-call.ts";
import { ClientTarget } from "./client-target.ts";
import { guard } from "./guard.ts";
import { exchangeOf, join, type Exchange } from "./messages.ts";
import { RequestHeaders } from "./request-headers.ts";

/** Instruments every outgoing request, independent of the function that creates it, and injects the context into it. */
export function observeClients(): void {
  rememberPorts();
  noticeCancellation();
  subscribe(
    "http.client.request.created",
    guard.whileEnabled((message: unknown) => begin((message as { request: ClientRequest }).request)),
  );
}

function begin(request: ClientRequest): void {
  const caller = activeContext();
  // Our own exports are not requests of the application.
  if (isTracingSuppressed(caller)) return;
  const exchange = new ClientExchange(request, caller);
  join(request, exchange);
  exchange.call.inject();
}

type AddRequest = (this: Agent, request: ClientRequest, options: { port?: unknown }, ...legacy: unknown[]) => void;

const ports = new WeakMap<ClientRequest, unknown>();

/** Records the port of each request: a request does not expose it, but the agent receives it. */
function rememberPorts(): void {
  const agent = Agent.prototype as unknown as { addRequest: AddRequest };
  const { addRequest } = agent;
  agent.addRequest = {
    addRequest(...args: Parameters<AddRequest>): void {
      guard.attempt(() => ports.set(args[0], args[1]?.port));
      Reflect.apply(addRequest, this, args);
    },
  }.addRequest as AddRequest;
}

type Destroy = (this: ClientRequest, ...args: [error?: unknown, ...more: unknown[]]) => ClientRequest;

/**
 * Detects cancellation by the caller, since a cancelled request and one whose connection is lost end with the same
 * events.
 */
function noticeCancellation(): void {
  const request = ClientRequest.prototype as unknown as { destroy: Destroy };
  const { destroy } = request;
  request.destroy = {
    destroy(this: ClientRequest, error: unknown, ...more: unknown[]): ClientRequest {
      const exchange = this.destroyed ? undefined : exchangeOf(this);
      if (exchange instanceof ClientExchange) exchange.destroyed(error);
      return Reflect.apply(destroy, this, [error, ...more]);
    },
  }.destroy as Destroy;
}

/**
 * Returns the port of a request. Without an agent the port is taken from the `Host` header, unless the application
 * wrote that header itself.
 */
function portOf(request: ClientRequest, scheme: string): number {
  const known = Number(ports.get(request));
  if (known > 0) return known;
  const header = request.getHeader("host");
  const named = typeof header === "string" ? parseHost(header, scheme) : undefined;
  return named?.port ?? defaultPort(scheme) ?? 0;
}

function targetOf(request: ClientRequest): ClientTarget {
  const scheme = request.protocol.slice(0, -1);
  return new ClientTarget(request.method, { scheme, host: request.host, port: portOf(request, scheme) }, request.path);
}

/** Request of `node:http` or `node:https` that waits for its response. */
class ClientExchange implements Exchange {
  readonly call: ClientCall;
  readonly #request: ClientRequest;
  #response: IncomingMessage | undefined;
  /** True if the connection was handed to the application, to speak another protocol. */
  #isHandedOver = false;
  /** True if the caller cancelled the request; the error it cancelled with follows. */
  #isCancelled = false;
  #reason: unknown;
  /** True if the request exceeded the caller's timeout. */
  #isLate = false;

  constructor(request: ClientRequest, caller: Context) {
    this.#request = request;
    this.call = new ClientCall(targetOf(request), new RequestHeaders(request), caller);
  }

  get context(): Context {
    return this.call.context;
  }

  isWithin(active: Context): boolean {
    return active === this.call.context;
  }

  /** Records that the caller destroyed the request. */
  destroyed(error: unknown): void {
    this.#reason = error ?? undefined;
    this.#isCancelled = !this.#isLate && this.#reason === undefined;
  }

  onEvent(event: unknown, message: object, argument: unknown): void {
    try {
      if (message === this.#request) this.#sawOnRequest(event, argument);
      else if (event === "end" || event === "close") this.#end(undefined);
      else if (event === "error") this.#end(argument);
    } catch (error) {
      guard.failed(error);
    }
  }

  #sawOnRequest(event: unknown, argument: unknown): void {
    if (event === "response") this.#answered(argument as IncomingMessage);
    else if (event === "upgrade" || event === "connect") {
      this.#isHandedOver = true;
      this.#answered(argument as IncomingMessage);
    } else if (event === "timeout") this.#isLate = true;
    else if (event === "error") this.#end(argument);
    else if (event === "close") this.#end(undefined);
  }

  #answered(response: IncomingMessage): void {
    this.#response = response;
    join(response, this);
    // Only if there is a socket; a response created by the application has none.
    this.call.connected(response.socket ?? {}, response.httpVersion);
    this.call.answered(response.statusCode!);
  }

  #end(error: unknown): void {
    this.call.end(this.#ending(error));
  }

  #ending(error: unknown): CallEnding {
    const isCut = this.#response?.complete === false && !this.#isHandedOver;
    const isUnwanted = isCut && error === undefined && !this.#isLate && isDropped(this.#response!);
    return { error: this.#reason ?? error, isCut, isCancelled: this.#isCancelled || isUnwanted };
  }
}

/** Tells whether the application destroyed a response. It does so without an error, Node.js with one. */
const isDropped = ({ destroyed, errored }: IncomingMessage): boolean =>
  destroyed && (errored === null || isCancellation(errored));
