import type { EventEmitter } from "node:events";
import { IncomingMessage, OutgoingMessage } from "node:http";
import type { Context } from "@opentelemetry/api";
import { guard } from "./guard.ts";
import { activeContext } from "../../src/context/active.ts";
import { callWithin } from "../../src/context/call-within.ts";
import { keepStack } from "../../src/context/thrown.ts";

/** One request and its response, seen from the client or the server. */
export interface Exchange {
  /** The context in which the listeners of its messages run. */
  readonly context: Context;
  /** Tells whether they would run in it without this instrumentation. */
  isWithin(active: Context): boolean;
  /** Receives every event of its messages before their listeners do. Never throws. */
  onEvent(event: unknown, message: EventEmitter, argument: unknown): void;
}

/** Returns its argument in place of an instance, so that a derived class adds its private fields to that object. */
const Given = function (message: EventEmitter): EventEmitter {
  return message;
} as unknown as new (message: EventEmitter) => object;

/**
 * The exchange of a message, in a private field: applications copy, inspect and compare messages, and a private field
 * is invisible to all of these. A WeakMap costs 12 µs per request, most of it in the garbage collector.
 */
class Membership extends Given {
  #exchange: Exchange | undefined;

  static of(message: EventEmitter): Exchange | undefined {
    return #exchange in message ? message.#exchange : undefined;
  }

  static set(message: EventEmitter, exchange: Exchange | undefined): void {
    const member = #exchange in message ? message : (new Membership(message) as Membership);
    member.#exchange = exchange;
  }
}

/** Adds a message to an exchange. */
export const join = (message: EventEmitter, exchange: Exchange): void => Membership.set(message, exchange);

/** Returns the exchange of a message. */
export const exchangeOf = (message: EventEmitter): Exchange | undefined => Membership.of(message);

/** Object with an `emit` method. */
export interface Emitter {
  emit(this: Emitter, event: string, ...args: unknown[]): boolean;
}

/**
 * Returns the original `emit` of a class. It is looked up at each call, because an inherited method can be replaced
 * later: the `domain` module does so.
 */
export function emitOf(prototype: EventEmitter): Emitter {
  const own = Object.hasOwn(prototype, "emit");
  return own ? { emit: prototype.emit as Emitter["emit"] } : (Object.getPrototypeOf(prototype) as Emitter);
}

/** Emits an event whose listeners run in a context. */
export function emitWithin(
  where: Context,
  emit: Emitter["emit"],
  emitter: Emitter,
  args: [string, ...unknown[]],
): boolean {
  return callWithin(where, emit, emitter, args) as boolean;
}

/** Tells whether an event has a listener that could use a context. */
function hasListeners(message: EventEmitter, event: string): boolean {
  const listeners = message.listenerCount(event);
  return listeners > 1 || (listeners === 1 && !(event === "end" && isHousekeeping(message.rawListeners(event)[0]!)));
}

/** Tells whether a listener belongs to Node.js: it awaits the end of a request that is answered before it was read. */
const isHousekeeping = (listener: Function): boolean => listener.name === "clearIncoming";

/**
 * Instruments the messages of exchanges by overriding `emit`, as a subclass could: no listener is added to those of the
 * application, and its listeners run in the context of the exchange, wherever Node.js calls them from.
 */
export function followMessages(): void {
  followEvents(IncomingMessage.prototype);
  followEvents(OutgoingMessage.prototype);
}

/** Instruments the messages of a class. */
export function followEvents(prototype: EventEmitter): void {
  const inherited = emitOf(prototype);
  // Rest and spread cost nothing here; passing `arguments` to another function costs five times as much as the whole
  // method.
  (prototype as Emitter).emit = function emit(this: EventEmitter, event: string, ...args: unknown[]) {
    const exchange = Membership.of(this);
    if (exchange !== undefined) {
      let isWithout = false;
      try {
        exchange.onEvent(event, this, args[0]);
        // Entering a context costs more than all the rest.
        isWithout = hasListeners(this, event) && !exchange.isWithin(activeContext());
      } catch (error) {
        guard.failed(error);
      }
      if (isWithout) return emitWithin(exchange.context, inherited.emit, this, [event, ...args]);
    }
    let hasReturned = false;
    try {
      const result = inherited.emit.call(this, event, ...args);
      hasReturned = true;
      return result;
    } finally {
      if (!hasReturned) guard.attempt(keepStack);
    }
  };
}
