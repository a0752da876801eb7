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

/** Has every request that is made followed, whichever function made it, and sends the context along with it. */
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

/** A request does not say which port it goes to; the agent is told. */
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

/** A request that its caller gives up, and one whose connection is lost, end with the same events. */
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

/** Without an agent the port is in the `Host` header, unless the application wrote that itself. */
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

/** A request of `node:http` or `node:https` that waits for its response. */
class ClientExchange implements Exchange {
  readonly call: ClientCall;
  readonly #request: ClientRequest;
  #response: IncomingMessage | undefined;
  /** Whether the connection went to the application, to speak another protocol. */
  #isHandedOver = false;
  /** Whether the caller gave up, and the error it did so with. */
  #isCancelled = false;
  #reason: unknown;
  /** Whether the request took longer than the caller wanted to wait. */
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

  /** The caller destroys the request. */
  destroyed(error: unknown): void {
    this.#reason = error ?? undefined;
    this.#isCancelled = !this.#isLate && this.#reason === undefined;
  }

  saw(event: unknown, message: object, argument: unknown): void {
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
    // While there is a socket to ask; one that the application made up has none.
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

/** Whether the application destroyed a response, which it did without an error; Node.js does it with one. */
const isDropped = ({ destroyed, errored }: IncomingMessage): boolean =>
  destroyed && (errored === null || isCancellation(errored));
