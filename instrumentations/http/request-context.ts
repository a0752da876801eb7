import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { ROOT_CONTEXT, trace, type Context, type Span, type SpanContext } from "@opentelemetry/api";
import { RPCType, setRPCMetadata, type RPCMetadata } from "@opentelemetry/core";
import { forwardedClient } from "./addresses.ts";
import type { ReceivedRequest } from "./received-request.ts";
import { routeOf, type Routing } from "./route.ts";
import { RequestRemains, type ServedRequest } from "../../src/context/request.ts";

/** The key a function of OpenTelemetry's keeps its value under; it has no name outside of there. */
function keyOf(set: (context: Context) => unknown): symbol {
  let key: symbol | undefined;
  const spy: Context = {
    ...ROOT_CONTEXT,
    setValue(asked) {
      key = asked;
      return spy;
    },
  };
  set(spy);
  return key!;
}

const SPAN_KEY = keyOf((context) => trace.setSpan(context, trace.wrapSpanContext({} as never)));
const RPC_KEY = keyOf((context) => setRPCMetadata(context, {} as never));

/** What instrumentation of frameworks and records find of a request. */
class Rpc implements ServedRequest {
  readonly type = RPCType.HTTP;
  readonly span: Span;
  route?: string;
  logFields?: Record<string, unknown>;
  readonly #context: RequestContext;

  constructor(context: RequestContext, span: Span) {
    this.#context = context;
    this.span = span;
  }

  header(name: string): IncomingHttpHeaders[string] {
    return this.#context.header(name);
  }

  clientAddress(): string | undefined {
    const forwarded = this.header("forwarded") as string | undefined;
    return forwardedClient(forwarded, this.header("x-forwarded-for")) ?? this.#context.remoteAddress;
  }

  matchedRoute(): string | undefined {
    return this.#context.matchedRoute;
  }
}

/** What of a request that was upgraded each message of its connection is handled with. */
export interface Upgrade {
  /** What its headers carry, without the span. */
  readonly sender: Context;
  readonly request: RequestRemains;
  readonly spanContext: SpanContext;
}

/**
 * What a request is handled in: the context its headers carry, with its span and its route. The SDK's contexts copy
 * every value for each that is added, which costs thirty times as much.
 */
export class RequestContext implements Context {
  readonly #sender: Context;
  readonly #span: Span;
  /** The request while it is answered, then what is kept of it. */
  #request: ReceivedRequest | RequestRemains;
  /** What frameworks leave the route on, if that is not the request itself. */
  routed: IncomingMessage | undefined;
  /** What the framework knows of the route. */
  routing: Routing | undefined;
  #rpc: Rpc | undefined;
  #copy: Context | undefined;

  constructor(sender: Context, span: Span, request: ReceivedRequest | RequestRemains) {
    this.#sender = sender;
    this.#span = span;
    this.#request = request;
  }

  /** Where instrumentation of a framework writes the route, and records find the request; made for the first that asks. */
  get rpc(): ServedRequest {
    return (this.#rpc ??= new Rpc(this, this.#span));
  }

  /** The route that was written, or else the one a framework left on the request. */
  get matchedRoute(): string | undefined {
    const request = this.#request;
    if (request instanceof RequestRemains) return this.#rpc?.route ?? request.route;
    const routed = this.routed ?? request;
    return this.#rpc?.route ?? (this.routing === undefined ? routeOf(routed) : this.routing.routeOf(routed));
  }

  /** Has a route that is written here written where other instrumentation looks for it. */
  tellRoute(outer: RPCMetadata): void {
    Object.defineProperty(this.rpc, "route", {
      get: () => outer.route,
      set: (route: string) => {
        outer.route = route;
      },
    });
  }

  get remoteAddress(): string | undefined {
    const request = this.#request;
    return request instanceof RequestRemains ? request.remoteAddress : request.socket?.remoteAddress;
  }

  header(name: string): IncomingHttpHeaders[string] {
    const request = this.#request;
    return request instanceof RequestRemains ? request.header(name) : request.headers[name];
  }

  /** Lets go of a request that is over. */
  release(): void {
    if (this.#request instanceof RequestRemains) return;
    this.#request = new RequestRemains(this.#request, this.matchedRoute);
    this.routed = undefined;
    this.routing = undefined;
  }

  /** What is kept for the messages of the connection that the request has upgraded. */
  get upgrade(): Upgrade {
    this.release();
    return {
      sender: trace.deleteSpan(this.#sender),
      request: this.#request as RequestRemains,
      spanContext: this.#span.spanContext(),
    };
  }

  /** Whether a context is this one, or was made from it. */
  isAround(context: Context): boolean {
    return context === this || (this.#rpc !== undefined && context.getValue(RPC_KEY) === this.#rpc);
  }

  getValue(key: symbol): unknown {
    if (key === SPAN_KEY) return this.#span;
    return key === RPC_KEY ? this.rpc : this.#sender.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return this.#copied().setValue(key, value);
  }

  deleteValue(key: symbol): Context {
    return this.#copied().deleteValue(key);
  }

  #copied(): Context {
    this.#copy ??= setRPCMetadata(trace.setSpan(this.#sender, this.#span), this.rpc);
    return this.#copy;
  }
}
