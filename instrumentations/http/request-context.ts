import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { ROOT_CONTEXT, trace, type Context, type Span, type SpanContext } from "@opentelemetry/api";
import { RPCType, setRPCMetadata, type RPCMetadata } from "@opentelemetry/core";
import { forwardedClient } from "./addresses.ts";
import type { ReceivedRequest } from "./received-request.ts";
import { routeOf, type Routing } from "./route.ts";
import { RequestRemains, type ServedRequest } from "../../src/context/request.ts";

/** Returns the key under which a function of OpenTelemetry stores its value; the key is not exported. */
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

/** Metadata of a request, read by framework instrumentation and by log records. */
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

/** Part of an upgraded request that the messages of its connection are handled with. */
export interface Upgrade {
  /** The context its headers carry, without the span. */
  readonly sender: Context;
  readonly request: RequestRemains;
  readonly spanContext: SpanContext;
}

/**
 * Context in which a request is handled: the one its headers carry, plus its span and its route. The SDK's contexts
 * copy all values for each one that is added, which costs thirty times as much.
 */
export class RequestContext implements Context {
  readonly #sender: Context;
  readonly #span: Span;
  /** The request while it is answered, afterwards the part of it that is kept. */
  #request: ReceivedRequest | RequestRemains;
  /** The object on which the framework stores the route, if that is not the request itself. */
  routed: IncomingMessage | undefined;
  /** The framework's route information. */
  routing: Routing | undefined;
  #rpc: Rpc | undefined;
  #copy: Context | undefined;

  constructor(sender: Context, span: Span, request: ReceivedRequest | RequestRemains) {
    this.#sender = sender;
    this.#span = span;
    this.#request = request;
  }

  /**
   * Metadata to which framework instrumentation writes the route and in which log records find the request; created on
   * first access.
   */
  get rpc(): ServedRequest {
    return (this.#rpc ??= new Rpc(this, this.#span));
  }

  /** The route that was written, or else the one a framework stored on the request. */
  get matchedRoute(): string | undefined {
    const request = this.#request;
    if (request instanceof RequestRemains) return this.#rpc?.route ?? request.route;
    const routed = this.routed ?? request;
    return this.#rpc?.route ?? (this.routing === undefined ? routeOf(routed) : this.routing.routeOf(routed));
  }

  /** Forwards a route that is written here to the metadata of other instrumentation. */
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

  /** Releases a finished request. */
  release(): void {
    if (this.#request instanceof RequestRemains) return;
    this.#request = new RequestRemains(this.#request, this.matchedRoute);
    this.routed = undefined;
    this.routing = undefined;
  }

  /** The part that is kept for messages of the connection the request has upgraded. */
  get upgrade(): Upgrade {
    this.release();
    return {
      sender: trace.deleteSpan(this.#sender),
      request: this.#request as RequestRemains,
      spanContext: this.#span.spanContext(),
    };
  }

  /** Tells whether a context is this one, or derived from it. */
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
