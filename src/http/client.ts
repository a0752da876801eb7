import { subscribe } from "node:diagnostics_channel";
import { Agent, type ClientRequest, type IncomingMessage } from "node:http";
import { context, propagation, SpanKind, trace, type Attributes, type Context, type Span } from "@opentelemetry/api";
import { isTracingSuppressed } from "@opentelemetry/core";
import { ATTR_HTTP_RESPONSE_STATUS_CODE } from "../../semconv/index.ts";
import { now } from "../clock.ts";
import { errorType } from "../error-type.ts";
import { defaultPort, parseHost } from "./addresses.ts";
import { clientAttributes, responseAttributes } from "./attributes.ts";
import { guard } from "./guard.ts";
import { headerSetter } from "./headers.ts";
import { join, type Exchange } from "./messages.ts";
import { methodInName } from "./methods.ts";
import { clientDurationOf, type ClientTarget } from "./series.ts";
import { markFailed, recordDuration, startSpan, type Subject } from "./span.ts";

/** `error.type` of a response whose connection went away before it was whole. */
const CONNECTION_LOST = "ECONNRESET";

/** Has every request that is made followed, whichever function made it, and sends the context along with it. */
export function observeClients(): void {
  rememberPorts();
  subscribe("http.client.request.created", (message) => {
    if (guard.enabled) guard.attempt(() => begin((message as { request: ClientRequest }).request));
  });
}

function begin(request: ClientRequest): void {
  const caller = context.active();
  // Our own exports are not requests of the application.
  if (isTracingSuppressed(caller)) return;
  const exchange = new ClientExchange(request, caller);
  join(request, exchange);
  exchange.inject();
}

type AddRequest = (this: Agent, request: ClientRequest, options: { port?: unknown }, ...legacy: unknown[]) => void;

const ports = new WeakMap<ClientRequest, unknown>();

/** A request does not say which port it goes to; the agent is told. */
function rememberPorts(): void {
  const agent = Agent.prototype as unknown as { addRequest: AddRequest };
  const { addRequest } = agent;
  agent.addRequest = {
    addRequest(...args: Parameters<AddRequest>): void {
      ports.set(args[0], args[1]?.port);
      Reflect.apply(addRequest, this, args);
    },
  }.addRequest as AddRequest;
}

/** Without an agent the port is in the `Host` header, unless the application wrote that itself. */
function portOf(request: ClientRequest): number {
  const known = Number(ports.get(request));
  if (known > 0) return known;
  const scheme = request.protocol.slice(0, -1);
  const header = request.getHeader("host");
  const named = typeof header === "string" ? parseHost(header, scheme) : undefined;
  return named?.port ?? defaultPort(scheme) ?? 0;
}

/** A request that waits for its response. */
class ClientExchange implements Exchange, Subject {
  readonly kind = SpanKind.CLIENT;
  readonly context: Context;
  readonly #request: ClientRequest;
  readonly #target: ClientTarget;
  readonly #start: bigint = now();
  readonly #span: Span;
  #response: IncomingMessage | undefined;
  /** Whether the connection went to the application, to speak another protocol. */
  #isHandedOver = false;
  #isEnded = false;

  constructor(request: ClientRequest, caller: Context) {
    this.#request = request;
    this.context = caller;
    this.#target = { method: request.method, host: request.host, port: portOf(request) };
    this.#span = startSpan(this, caller);
  }

  get name(): string {
    return methodInName(this.#target.method);
  }

  isWithin(active: Context): boolean {
    return active === this.context;
  }

  describe(): Attributes {
    return clientAttributes(this.#request, this.#target);
  }

  inject(): void {
    propagation.inject(trace.setSpan(this.context, this.#span), this.#request, headerSetter);
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
    } else if (event === "error") this.#end(argument);
    else if (event === "close") this.#end(undefined);
  }

  #answered(response: IncomingMessage): void {
    this.#response = response;
    join(response, this);
    // While there is a socket to ask.
    if (this.#span.isRecording()) {
      this.#span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, response.statusCode!);
      this.#span.setAttributes(responseAttributes(response));
    }
  }

  #end(error: unknown): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    const nanoseconds = Number(now() - this.#start);
    const status = this.#response?.statusCode;
    const failure = this.#failure(error, status);
    const outcome = { status, failure, version: this.#response?.httpVersion };
    recordDuration(clientDurationOf(this.#target, outcome), nanoseconds, this.#span);
    if (failure !== undefined) markFailed(this.#span, failure, error);
    this.#span.end();
  }

  #failure(error: unknown, status: number | undefined): string | undefined {
    if (error !== undefined) return errorType(error);
    if (this.#response?.complete === false && !this.#isHandedOver) return CONNECTION_LOST;
    return status !== undefined && status >= 400 ? String(status) : undefined;
  }
}
