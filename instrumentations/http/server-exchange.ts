import type { EventEmitter } from "node:events";
import { SpanKind, trace, type Attributes, type Context, type Span } from "@opentelemetry/api";
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
} from "../../semconv/index.ts";
import { now } from "../../src/runtime/clock.ts";
import { errorType } from "../../src/runtime/error-type.ts";
import type { Scheme } from "./addresses.ts";
import { guard } from "./guard.ts";
import { extractContext } from "./headers.ts";
import type { Exchange } from "./messages.ts";
import { knownMethod, methodInName } from "./methods.ts";
import { isMeasured, outerRequest } from "./outer.ts";
import { RequestContext } from "./request-context.ts";
import { schemeOf, serverAttributes, type ReceivedRequest } from "./received-request.ts";
import { requestListeners } from "../../src/context/request.ts";
import { learnError } from "../../src/context/thrown.ts";
import { serverSeriesOf, type ServerSeries } from "./series.ts";
import { markFailed, recordDuration, startSpan, type Subject } from "./span.ts";

/** `error.type` of a response whose connection was lost before the response was sent. */
const CONNECTION_LOST = "ECONNRESET";

/** Request that is being answered, independent of the protocol. */
export abstract class ServerExchange implements Exchange, Subject {
  readonly kind = SpanKind.SERVER;
  readonly context: RequestContext;
  readonly #scheme: Scheme;
  readonly #request: ReceivedRequest;
  readonly #start: bigint = now();
  /** Undefined if other instrumentation measures it for the same page. */
  readonly #series: ServerSeries | undefined;
  readonly #span: Span;
  #isEnded = false;
  #error: unknown;

  /** @param scheme the scheme of the connection */
  constructor(scheme: Scheme, request: ReceivedRequest) {
    this.#request = request;
    this.#scheme = schemeOf(request, scheme);
    const outer = outerRequest();
    const sender = outer?.context ?? extractContext(request.headers);
    // Other instrumentation writes to its own span and ends it.
    this.#span = outer === undefined ? startSpan(this, sender) : trace.wrapSpanContext(outer.span.spanContext());
    this.context = new RequestContext(sender, outer?.span ?? this.#span, request);
    if (outer !== undefined) this.context.tellRoute(outer.rpc);
    if (!isMeasured(outer)) this.#series = serverSeriesOf(this.#scheme, request.method!);
    this.#series?.active.add(1);
  }

  /** Returns the status of the response, if one was begun. */
  protected abstract status(): number | undefined;

  /** Tells whether the response was sent completely. */
  protected abstract isWhole(): boolean;

  abstract onEvent(event: unknown, message: EventEmitter, argument: unknown): void;

  get name(): string {
    return methodInName(this.#request.method!);
  }

  isWithin(active: Context): boolean {
    return this.context.isAround(active);
  }

  describe(): Attributes {
    return serverAttributes(this.#request, this.#scheme);
  }

  /** Records the route reported by a framework. */
  matched(route: string): void {
    this.context.rpc.route ??= route;
  }

  /** Records the first error of the response. */
  protected failed(error: unknown): void {
    this.#error ??= error;
  }

  /** Records the error that a listener has thrown, unless the caller of `emit` catches it. */
  threw(): void {
    learnError((error) => {
      this.#error = error;
      this.end();
    });
  }

  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#series?.active.add(-1);
    try {
      this.#report(Number(now() - this.#start));
      this.context.release();
    } catch (error) {
      guard.failed(error);
    }
  }

  #report(nanoseconds: number): void {
    const status = this.status();
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
    const duration = this.#series?.duration(this.#request, route, { status, failure });
    if (duration !== undefined) recordDuration(duration, nanoseconds, span);
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
    if (!this.isWhole()) return CONNECTION_LOST;
    return status !== undefined && status >= 500 ? String(status) : undefined;
  }
}
