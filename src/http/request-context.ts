import type { IncomingMessage } from "node:http";
import { ROOT_CONTEXT, trace, type Context, type Span } from "@opentelemetry/api";
import { RPCType, setRPCMetadata } from "@opentelemetry/core";
import type { ServedRequest } from "./served-request.ts";

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

/**
 * What a request is handled in: the context its headers carry, with its span and its route. The SDK's contexts copy
 * every value for each that is added, which costs thirty times as much.
 */
export class RequestContext implements Context {
  readonly #sender: Context;
  readonly #span: Span;
  readonly #request: IncomingMessage;
  #rpc: ServedRequest | undefined;
  #copy: Context | undefined;

  constructor(sender: Context, span: Span, request: IncomingMessage) {
    this.#sender = sender;
    this.#span = span;
    this.#request = request;
  }

  /** Where instrumentation of a framework writes the route, and records find the request; made for the first that asks. */
  get rpc(): ServedRequest {
    this.#rpc ??= { type: RPCType.HTTP, span: this.#span, request: this.#request };
    return this.#rpc;
  }

  /** The route that was written. */
  get route(): string | undefined {
    return this.#rpc?.route;
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
