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

/** `error.type` of a response whose connection went away before it was whole. */
const CONNECTION_LOST = "ECONNRESET";

/** What is known of a connection. */
export interface Peer {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

/** How a call ended. */
export interface CallEnding {
  /** What it failed with, if it did. */
  readonly error?: unknown;
  /** Whether the caller did not want the response any more. */
  readonly isCancelled?: boolean;
  /** Whether the response came to an end before it was whole. */
  readonly isCut?: boolean;
}

/** A request that the application makes, whichever client sends it. */
export class ClientCall implements Subject {
  readonly kind = SpanKind.CLIENT;
  readonly context: Context;
  readonly #target: ClientTarget;
  readonly #headers: OutgoingHeaders;
  readonly #start: bigint = now();
  readonly #span: Span;
  /** Whether other instrumentation measures it for the same page. */
  readonly #isMeasured: boolean;
  #status: number | undefined;
  #version: string | undefined;
  /** What is said of the connection, once something came over it. */
  #connection: Attributes | undefined;
  #isEnded = false;

  constructor(target: ClientTarget, headers: OutgoingHeaders, caller: Context) {
    this.#target = target;
    this.#headers = headers;
    this.context = caller;
    const outer = outerCall(caller);
    // The span of other instrumentation is for that to write on, and to end.
    this.#span = outer === undefined ? startSpan(this, caller) : trace.wrapSpanContext(outer.spanContext());
    this.#isMeasured = isMeasured(outer);
  }

  get name(): string {
    return methodInName(this.#target.method);
  }

  describe(): Attributes {
    return clientAttributes(this.#target, this.#headers.get("user-agent"));
  }

  /** Sends the context along. */
  inject(): void {
    sendAlong(trace.setSpan(this.context, this.#span), this.#headers);
  }

  /** The connection is known, and the version of HTTP that is spoken over it. */
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

/** What undici calls the loss of a connection. */
const SOCKET_ERROR = "UND_ERR_SOCKET";

/** The same failure has the same type, whichever client reports it. */
function typeOf(error: unknown): string {
  const type = errorType(error);
  return type === SOCKET_ERROR ? CONNECTION_LOST : type;
}
