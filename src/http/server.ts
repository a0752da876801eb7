import { IncomingMessage, Server as HttpServer, ServerResponse } from "node:http";
import { Server as NetServer } from "node:net";
import { SpanKind, type Attributes, type Context, type Span } from "@opentelemetry/api";
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
} from "../../semconv/index.ts";
import { now } from "../clock.ts";
import { errorType } from "../error-type.ts";
import { forwardedScheme, type Scheme } from "./addresses.ts";
import { serverAttributes } from "./attributes.ts";
import { guard } from "./guard.ts";
import { sent } from "./headers.ts";
import { emitOf, emitWithin, exchangeOf, join, type Emitter, type Exchange } from "./messages.ts";
import { knownMethod, methodInName } from "./methods.ts";
import { RequestContext } from "./request-context.ts";
import { onRoute } from "./route.ts";
import { requestListeners, throwing } from "./served-request.ts";
import { serverSeriesOf, type ServerSeries } from "./series.ts";
import { markFailed, recordDuration, startSpan, type Subject } from "./span.ts";

/** Whether an event of a server hands a request to the application. */
const isRequest = (event: unknown): boolean =>
  event === "request" || event === "checkContinue" || event === "checkExpectation";

/** `error.type` of a response whose connection went away before it was sent. */
const CONNECTION_LOST = "ECONNRESET";

/**
 * Has each request that is handed to the application followed, and handled in the context its headers carry. A request
 * that is handed on, from one server or event to another, is one request.
 */
export function observeServers(): void {
  // The class that those of HTTP and of HTTPS have in common: to load `node:https` takes 10 ms and up to 5 MB.
  const { prototype } = NetServer;
  const inherited = emitOf(prototype);
  prototype.emit = function emit(this: Emitter, event: string, ...args: unknown[]) {
    const exchange = isRequest(event) ? begin(this, args) : undefined;
    if (exchange === undefined) return inherited.emit.call(this, event, ...args);
    let hasReturned = false;
    try {
      const result = emitWithin(exchange.context, inherited.emit, this, [event, ...args]);
      hasReturned = true;
      return result;
    } finally {
      // Not caught: an error that is thrown again is reported at our line in place of the application's.
      if (!hasReturned) exchange.threw();
    }
  };
  onRoute((request, route) => {
    const exchange = exchangeOf(request);
    if (exchange instanceof ServerExchange) exchange.matched(route);
  });
}

function begin(server: Emitter, args: unknown[]): ServerExchange | undefined {
  const [request, response] = args;
  // What an application hands over can be anything; of what is not of HTTP/1 we would not see the end.
  if (!(request instanceof IncomingMessage && response instanceof ServerResponse)) return undefined;
  if (!guard.enabled || exchangeOf(request) !== undefined) return undefined;
  try {
    const exchange = new ServerExchange(server instanceof HttpServer ? "http" : "https", request, response);
    join(request, exchange);
    join(response, exchange);
    requestListeners.began?.(response, exchange.context);
    return exchange;
  } catch (error) {
    guard.failed(error);
    return undefined;
  }
}

/** A request that is being answered. */
class ServerExchange implements Exchange, Subject {
  readonly kind = SpanKind.SERVER;
  readonly context: RequestContext;
  readonly #scheme: Scheme;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #start: bigint = now();
  readonly #series: ServerSeries;
  readonly #span: Span;
  #isEnded = false;
  #error: unknown;

  constructor(scheme: Scheme, request: IncomingMessage, response: ServerResponse) {
    this.#scheme = forwardedScheme(request.headers) ?? scheme;
    this.#request = request;
    this.#response = response;
    const sender = sent(request.headers);
    this.#span = startSpan(this, sender);
    this.context = new RequestContext(sender, this.#span, request);
    this.#series = serverSeriesOf(this.#scheme, request.method!);
    this.#series.active.add(1);
  }

  get name(): string {
    return methodInName(this.#request.method!);
  }

  isWithin(active: Context): boolean {
    return this.context.isAround(active);
  }

  describe(): Attributes {
    return serverAttributes(this.#request, this.#scheme);
  }

  saw(event: unknown, message: object, argument: unknown): void {
    if (message !== this.#response) return;
    if (event === "error") this.#error ??= argument;
    else if (event === "close") this.#end();
  }

  matched(route: string): void {
    this.context.rpc.route ??= route;
  }

  /** The error is told to the process, unless whoever emitted the event catches it. */
  threw(): void {
    const learn = (error: unknown): void => {
      this.#error = error;
      this.#end();
    };
    throwing.context = this.context;
    process.once("uncaughtExceptionMonitor", learn);
    process.nextTick(() => {
      throwing.context = undefined;
      process.removeListener("uncaughtExceptionMonitor", learn);
    });
  }

  #end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#series.active.add(-1);
    try {
      this.#report(Number(now() - this.#start));
      this.context.release();
    } catch (error) {
      guard.failed(error);
    }
  }

  #report(nanoseconds: number): void {
    const status = this.#response.headersSent ? this.#response.statusCode : undefined;
    const failure = this.#failure(status);
    const route = this.context.matchedRoute;
    const span = this.#span;
    requestListeners.completed?.({
      context: this.context,
      nanoseconds,
      attributes: {
        [ATTR_HTTP_REQUEST_METHOD]: knownMethod(this.#request.method!),
        [ATTR_HTTP_RESPONSE_STATUS_CODE]: status,
        [ATTR_ERROR_TYPE]: failure,
      },
      route,
    });
    recordDuration(this.#series.duration(this.#request, route, { status, failure }), nanoseconds, span);
    if (!span.isRecording()) return;
    if (status !== undefined) span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, status);
    if (route !== undefined) {
      span.setAttribute(ATTR_HTTP_ROUTE, route).updateName(`${this.name} ${route}`);
    }
    if (failure !== undefined) markFailed(span, failure, this.#error);
    span.end();
  }

  #failure(status: number | undefined): string | undefined {
    if (this.#error !== undefined) return errorType(this.#error);
    if (!this.#response.writableFinished) return CONNECTION_LOST;
    return status !== undefined && status >= 500 ? String(status) : undefined;
  }
}
