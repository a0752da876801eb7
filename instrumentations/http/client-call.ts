import { SpanKind, trace, type Attributes, type Context, type Span } from "@opentelemetry/api";
import {
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_NETWORK_PEER_ADDRESS,
  ATTR_NETWORK_PEER_PORT,
  ATTR_NETWORK_PROTOCOL_VERSION,
} from "../../semconv/index.ts";
import { now } from "../../src/runtime/clock.ts";
import { errorType } from "../../src/runtime/error-type.ts";
import { clientAttributes } from "./attributes.ts";
import { isCancellation, timeoutOf } from "./cancellation.ts";
import type { ClientTarget } from "./client-target.ts";
import { methodInName } from "./methods.ts";
import { isMeasured, outerCall } from "./outer.ts";
import { sendAlong, type OutgoingHeaders } from "./outgoing-headers.ts";
import { clientDurationOf } from "./series.ts";
import { markFailed, recordDuration, startSpan, type Subject } from "./span.ts";

/** `error.type` of a response whose connection was lost before the response was complete. */
const CONNECTION_LOST = "ECONNRESET";

/** Remote end of a connection. */
export interface Peer {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

/** Result of a call. */
export interface CallEnding {
  /** The error it failed with, if any. */
  readonly error?: unknown;
  /** True if the caller no longer wanted the response. */
  readonly isCancelled?: boolean;
  /** True if the response ended before it was complete. */
  readonly isCut?: boolean;
}

/** Outgoing request of the application, independent of the client that sends it. */
export class ClientCall implements Subject {
  readonly kind = SpanKind.CLIENT;
  readonly context: Context;
  readonly #target: ClientTarget;
  readonly #headers: OutgoingHeaders;
  readonly #start: bigint = now();
  readonly #span: Span;
  /** True if other instrumentation measures the call for the same metrics page. */
  readonly #isMeasured: boolean;
  #status: number | undefined;
  #version: string | undefined;
  /** Attributes of the connection, set once data was received over it. */
  #connection: Attributes | undefined;
  #isEnded = false;

  constructor(target: ClientTarget, headers: OutgoingHeaders, caller: Context) {
    this.#target = target;
    this.#headers = headers;
    this.context = caller;
    const outer = outerCall(caller);
    // Other instrumentation writes to its own span and ends it.
    this.#span = outer === undefined ? startSpan(this, caller) : trace.wrapSpanContext(outer.spanContext());
    this.#isMeasured = isMeasured(outer);
  }

  get name(): string {
    return methodInName(this.#target.method);
  }

  describe(): Attributes {
    return clientAttributes(this.#target, this.#headers.get("user-agent"));
  }

  /** Injects the context into the request headers. */
  inject(): void {
    sendAlong(trace.setSpan(this.context, this.#span), this.#headers);
  }

  /** Records the connection and the HTTP version spoken over it. */
  connected({ remoteAddress, remotePort }: Peer, version: string | undefined): void {
    this.#version = version;
    if (!this.#span.isRecording()) return;
    this.#connection = {
      [ATTR_NETWORK_PEER_ADDRESS]: remoteAddress,
      [ATTR_NETWORK_PEER_PORT]: remotePort,
      [ATTR_NETWORK_PROTOCOL_VERSION]: version,
    };
  }

  answered(status: number): void {
    this.#status = status;
    if (!this.#span.isRecording()) return;
    this.#span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, status);
    if (this.#connection !== undefined) this.#span.setAttributes(this.#connection);
  }

  end(ending: CallEnding): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    const nanoseconds = Number(now() - this.#start);
    const isCancelled = ending.isCancelled === true || isCancellation(ending.error);
    const error = isCancelled ? undefined : (timeoutOf(ending.error) ?? ending.error);
    const failure = this.#failure(error, ending.isCut === true && !isCancelled);
    const outcome = { status: this.#status, failure, version: this.#status === undefined ? undefined : this.#version };
    if (!this.#isMeasured) recordDuration(clientDurationOf(this.#target, outcome), nanoseconds, this.#span);
    if (failure !== undefined) markFailed(this.#span, failure, error);
    this.#span.end();
  }

  #failure(error: unknown, isLost: boolean): string | undefined {
    if (error !== undefined) return typeOf(error);
    if (isLost) return CONNECTION_LOST;
    return this.#status !== undefined && this.#status >= 400 ? String(this.#status) : undefined;
  }
}

/** undici's code for a lost connection. */
const SOCKET_ERROR = "UND_ERR_SOCKET";

/** Returns the error type, so that the same failure has the same type with every client. */
function typeOf(error: unknown): string {
  const type = errorType(error);
  return type === SOCKET_ERROR ? CONNECTION_LOST : type;
}
