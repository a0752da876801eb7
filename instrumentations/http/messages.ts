import type { EventEmitter } from "node:events";
import { IncomingMessage, OutgoingMessage } from "node:http";
import { context, type Context } from "@opentelemetry/api";
import { guard } from "./guard.ts";
import { activeContext, registered } from "../../src/context/active.ts";
import { hasThrown, keepStack } from "./thrown.ts";

/** One request and its response, as seen from the side that asks or the side that answers. */
export interface Exchange {
  /** What the listeners of its messages run in. */
  readonly context: Context;
  /** Whether they would without us. */
  isWithin(active: Context): boolean;
  /** Told of every event of its messages, before their listeners are. Never throws. */
  saw(event: unknown, message: EventEmitter, argument: unknown): void;
}

/** Returns what it is given in place of an instance, so that a class derived from it adds its private fields to that. */
const Given = function (message: EventEmitter): EventEmitter {
  return message;
} as unknown as new (message: EventEmitter) => object;

/**
 * The exchange of a message, in a private field: applications copy, inspect and compare messages, and nothing of that
 * finds it. A WeakMap costs 12 µs a request, most of it in the garbage collector.
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

/** Makes a message part of an exchange. */
export const join = (message: EventEmitter, exchange: Exchange): void => Membership.set(message, exchange);

/** What a message is part of. */
export const exchangeOf = (message: EventEmitter): Exchange | undefined => Membership.of(message);

/** Something that emits. */
export interface Emitter {
  emit(this: Emitter, event: string, ...args: unknown[]): boolean;
}

/**
 * What a class of emitters does without us. It is looked up at each call, because what is inherited can be replaced
 * later on: the module `domain` does.
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
  let hasReturned = false;
  try {
    const result = (registered().context ?? context).with(
      where,
      Reflect.apply<Emitter, [string, ...unknown[]], boolean>,
      undefined,
      emit,
      emitter,
      args,
    );
    hasReturned = true;
    return result;
  } finally {
    // Not caught: an error that is thrown again is reported at our line in place of the application's.
    if (!hasReturned) guard.attempt(() => hasThrown(where));
  }
}

/** Whether an event has a listener that could make use of a context. */
function hasListeners(message: EventEmitter, event: string): boolean {
  const listeners = message.listenerCount(event);
  return listeners > 1 || (listeners === 1 && !(event === "end" && isHousekeeping(message.rawListeners(event)[0]!)));
}

/** Of a request that is answered before it was read, Node.js itself awaits the end. */
const isHousekeeping = (listener: Function): boolean => listener.name === "clearIncoming";

/**
 * Follows the messages that are part of an exchange, by an `emit` of their own such as a subclass could have: no
 * listener of ours is among the application's, and its listeners run in the context of the exchange, wherever Node.js
 * calls them from.
 */
export function followMessages(): void {
  followEvents(IncomingMessage.prototype);
  followEvents(OutgoingMessage.prototype);
}

/** Follows the messages of a class. */
export function followEvents(prototype: EventEmitter): void {
  const inherited = emitOf(prototype);
  // Rest and spread cost nothing here; `arguments`, handed to another function, five times as much as all of this.
  (prototype as Emitter).emit = function emit(this: EventEmitter, event: string, ...args: unknown[]) {
    const exchange = Membership.of(this);
    if (exchange !== undefined) {
      let isWithout = false;
      try {
        exchange.saw(event, this, args[0]);
        // To enter a context costs more than all the rest.
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
