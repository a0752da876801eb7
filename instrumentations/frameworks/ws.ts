import type { EventEmitter } from "node:events";
import type { Duplex } from "node:stream";
import type { Framework } from "../http/framework.ts";
import { emitOf, emitWithin, type Emitter } from "../http/messages.ts";
import { SocketMessages, type SocketMessage } from "../http/socket-message.ts";
import { keepStack } from "../../src/context/thrown.ts";
import type { Probe } from "../../src/instrument/probe.ts";

interface WebSocket extends EventEmitter {
  readonly _isServer: boolean;
  /** Assembles messages and emits them to the WebSocket, which emits them in turn. */
  readonly _receiver: EventEmitter;
}

const sockets = new WeakMap<object, SocketMessages>();
/** Receiver classes that are instrumented: packages may bundle their own copies of `ws`. */
const followed = new WeakSet<object>();

/** Begins the handling of a message that a receiver emits. Up to version 7, text is a string. */
function begin(receiver: object, [data, isBinary = typeof data !== "string"]: unknown[]): SocketMessage | undefined {
  return sockets.get(receiver)?.begin(data, Boolean(isBinary));
}

/**
 * Instruments the messages of receivers, not of WebSockets: on a WebSocket the application can emit and override events
 * that were not received.
 */
function followReceivers(prototype: EventEmitter, { guard }: Probe): void {
  if (followed.has(prototype)) return;
  followed.add(prototype);
  const inherited = emitOf(prototype);
  const value = function emit(this: Emitter, event: string, ...args: unknown[]): boolean {
    let message: SocketMessage | undefined;
    if (event === "message" && guard.enabled) {
      try {
        message = begin(this, args);
      } catch (error) {
        guard.failed(error);
      }
    }
    let hasReturned = false;
    try {
      const result =
        message === undefined
          ? inherited.emit.call(this, event, ...args)
          : emitWithin(message.context, inherited.emit, this, [event, ...args]);
      hasReturned = true;
      return result;
    } finally {
      if (message !== undefined) guard.attempt(() => (hasReturned ? message.returned() : message.threw()));
      else if (!hasReturned) guard.attempt(keepStack);
    }
  };
  Object.defineProperty(prototype, "emit", { value, configurable: true, writable: true });
}

/**
 * WebSockets accepted by servers, including socket.io, `express-ws` and `@fastify/websocket`: each message has a span.
 */
export const ws: Framework = {
  id: "ws",
  modules: [{ name: "ws", file: "lib/websocket.js", versions: ["7.0.0", "9.0.0"] }],
  patch(exports, probe) {
    probe.after<WebSocket, void>(
      (exports as { prototype: object }).prototype,
      "setSocket",
      (socket, _, [connection]) => {
        if (!socket._isServer) return;
        const { _receiver: receiver } = socket;
        followReceivers(Object.getPrototypeOf(receiver) as EventEmitter, probe);
        sockets.set(receiver, new SocketMessages(socket, connection as Duplex));
      },
    );
  },
};
