import type { EventEmitter } from "node:events";
import { IncomingMessage, OutgoingMessage } from "node:http";
import { context, type Context } from "@opentelemetry/api";

/** One request and its response, as seen from the side that asks or the side that answers. */
export interface Exchange {
  /** What the listeners of its messages run in. */
  readonly context: Context;
  /** Whether they would without us. */
  isWithin(active: Context): boolean;
  /** Told of every event of its messages, before their listeners are. Never throws. */
  saw(event: unknown, message: object, argument: unknown): void;
}

const EXCHANGE = Symbol("stratascope.exchange");

/** A message that can be part of an exchange. */
interface Message extends EventEmitter {
  [EXCHANGE]?: Exchange;
}

/** Makes a message part of an exchange. */
export function join(message: EventEmitter, exchange: Exchange): void {
  (message as Message)[EXCHANGE] = exchange;
}

/** What a message is part of. */
export const exchangeOf = (message: EventEmitter): Exchange | undefined => (message as Message)[EXCHANGE];

type Emit = EventEmitter["emit"];

/**
 * Gives a class an `emit` of its own, as a subclass would. It looks up what it inherits at each call, because that can
 * be replaced later on: the module `domain` does.
 */
export function overrideEmit<T extends EventEmitter>(
  prototype: T,
  override: (inherited: Emit, emitter: T, args: Parameters<Emit>) => boolean,
): void {
  const parent = Object.getPrototypeOf(prototype) as EventEmitter;
  const own = Object.hasOwn(prototype, "emit") ? prototype.emit : undefined;
  prototype.emit = function emit(this: T, _event: unknown) {
    // oxlint-disable-next-line prefer-rest-params -- handed on as they are, which costs nothing
    return override(own ?? parent.emit, this, arguments as unknown as Parameters<Emit>);
  };
}

/** Emits an event whose listeners run in a context. */
export const emitWithin = (where: Context, emit: Emit, emitter: EventEmitter, args: Parameters<Emit>): boolean =>
  context.with(where, Reflect.apply<EventEmitter, Parameters<Emit>, boolean>, undefined, emit, emitter, args);

/**
 * Follows the messages that are part of an exchange, by their own `emit`: no listener of ours is among the
 * application's, and its listeners run in the context of the exchange, wherever Node.js calls them from.
 */
export function followMessages(): void {
  for (const prototype of [IncomingMessage.prototype, OutgoingMessage.prototype]) {
    overrideEmit<Message>(prototype, (inherited, message, args) => {
      const exchange = exchangeOf(message);
      if (exchange === undefined) return Reflect.apply(inherited, message, args);
      exchange.saw(args[0], message, args[1]);
      // To enter a context costs more than all the rest of this.
      return message.listenerCount(args[0]) === 0 || exchange.isWithin(context.active())
        ? Reflect.apply(inherited, message, args)
        : emitWithin(exchange.context, inherited, message, args);
    });
  }
}
