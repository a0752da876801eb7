import type { EventEmitter } from "node:events";
import type { Duplex } from "node:stream";
import {
  ROOT_CONTEXT,
  SpanKind,
  trace,
  type Attributes,
  type Context,
  type HrTime,
  type Link,
  type Span,
} from "@opentelemetry/api";
import {
  ATTR_HTTP_ROUTE,
  ATTR_NETWORK_PROTOCOL_NAME,
  ATTR_WEBSOCKET_MESSAGE_SIZE,
  ATTR_WEBSOCKET_MESSAGE_TYPE,
  type WebsocketMessageType,
} from "../../semconv/index.ts";
import { now, wallTime } from "../../src/runtime/clock.ts";
import { errorType } from "../../src/runtime/error-type.ts";
import { operationsIn } from "../../src/recording/rollup.ts";
import { guard } from "./guard.ts";
import { RequestContext, type Upgrade } from "./request-context.ts";
import { learnError } from "../../src/context/thrown.ts";
import { markFailed, startSpan, type Subject } from "./span.ts";
import { takeUpgrade } from "./upgrade.ts";

/** Messages of a WebSocket that a server has accepted. */
export class SocketMessages {
  readonly #upgrade: Upgrade | undefined;
  /** The object whose listeners receive the messages. */
  readonly #socket: EventEmitter;

  /** @param connection the connection of the request that became the WebSocket */
  constructor(socket: EventEmitter, connection: Duplex) {
    this.#socket = socket;
    this.#upgrade = takeUpgrade(connection);
  }

  /** Begins the handling of a message; returns undefined if no listener handles it. */
  begin(data: unknown, isBinary: boolean): SocketMessage | undefined {
    return this.#socket.listenerCount("message") === 0 ? undefined : new SocketMessage(this.#upgrade, data, isBinary);
  }
}

/**
 * Message of a WebSocket while the application handles it, in a trace of its own: a connection lives for days, and its
 * messages are not part of the request that opened it. Their spans link to that request.
 *
 * Its duration ends when its listeners have returned, as `emit` does not wait for their promises. Work they defer to
 * the same turn of the event loop, as socket.io does exclusively, is still added to its totals; the duration then ends
 * with that turn.
 */
export class SocketMessage implements Subject {
  readonly kind = SpanKind.CONSUMER;
  readonly context: Context;
  readonly #span: Span;
  readonly #start = now();
  readonly #upgrade: Upgrade | undefined;
  readonly #data: unknown;
  readonly #isBinary: boolean;
  #isEnded = false;

  constructor(upgrade: Upgrade | undefined, data: unknown, isBinary: boolean) {
    this.#upgrade = upgrade;
    this.#data = data;
    this.#isBinary = isBinary;
    const sender = upgrade?.sender ?? ROOT_CONTEXT;
    this.#span = startSpan(this, sender);
    this.context =
      upgrade === undefined
        ? trace.setSpan(sender, this.#span)
        : new RequestContext(sender, this.#span, upgrade.request);
  }

  get name(): string {
    const route = this.#upgrade?.request.route;
    return route === undefined ? "message" : `message ${route}`;
  }

  get links(): Link[] {
    return this.#upgrade === undefined ? [] : [{ context: this.#upgrade.spanContext }];
  }

  describe(): Attributes {
    const type: WebsocketMessageType = this.#isBinary ? "binary" : "text";
    return {
      [ATTR_NETWORK_PROTOCOL_NAME]: "websocket",
      [ATTR_WEBSOCKET_MESSAGE_TYPE]: type,
      [ATTR_WEBSOCKET_MESSAGE_SIZE]: sizeOf(this.#data),
      [ATTR_HTTP_ROUTE]: this.#upgrade?.request.route,
    };
  }

  /** Records that the listeners have returned. */
  returned(): void {
    if (!this.#span.isRecording()) return;
    const moment = now();
    const operations = operationsIn(this.#span);
    atEndOfTurn(() => this.#end(operationsIn(this.#span) > operations ? now() : moment));
  }

  /** Records that a listener has thrown. */
  threw(): void {
    learnError(
      (error) => this.#failed(error),
      () => this.#failed(undefined),
    );
  }

  #failed(error: unknown): void {
    if (this.#isEnded) return;
    markFailed(this.#span, errorType(error), error);
    this.#end(now());
  }

  #end(end: bigint): void {
    this.#isEnded = true;
    // Not by the span's own clock: its error is larger than a listener can take. A span of another SDK has no such
    // field.
    const { startTime } = this.#span as { readonly startTime?: HrTime };
    this.#span.end(startTime && wallTime(end, { wall: startTime, monotonic: this.#start }));
  }
}

/** Callbacks that run at the end of this turn of the event loop. */
let later: (() => void)[] = [];
/** Maximum number of messages in one turn whose spans stay open until its end. */
const MAX_LATER = 1_000;

function atEndOfTurn(code: () => void): void {
  if (later.length >= MAX_LATER) return code();
  if (later.length === 0) {
    setImmediate(
      guard.callback(() => {
        const all = later;
        later = [];
        for (const each of all) guard.attempt(each);
      }),
    );
  }
  later.push(code);
}

/** Returns the size of a message in bytes, for each type the application may receive. */
function sizeOf(data: unknown): number {
  if (typeof data === "string") return Buffer.byteLength(data);
  if (Array.isArray(data)) return data.reduce<number>((sum, part) => sum + sizeOf(part), 0);
  const { byteLength, size } = data as { readonly byteLength?: number; readonly size?: number };
  return byteLength ?? size ?? 0;
}
