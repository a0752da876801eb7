import type { Context } from "@opentelemetry/api";
import { callWithin } from "../../src/context/call-within.ts";
import type { Guard } from "../../src/runtime/guard.ts";
import type { Callback } from "./types.ts";

/** Callback of the engine: an error first, and then the result, with the object it belongs to as `this`. */
export interface ObservedCallback {
  /** Callback of the application, if it gave one. */
  readonly callback: Callback | undefined;
  /** Context of the call. */
  readonly context: Context;
  /** Records what the engine calls back with, before the application's callback is called. */
  readonly called: (self: unknown, error: unknown, result: unknown) => void;
}

/**
 * Returns the callback to give to the engine. Without a callback, the engine emits an error on the object it belongs to;
 * with this one it does not, so that is done here.
 */
export function observedCallback(guard: Guard, { callback, context, called }: ObservedCallback): Callback {
  return function observed(this: unknown, error?: unknown, result?: unknown): unknown {
    try {
      called(this, error, result);
    } catch (failure) {
      guard.failed(failure);
    }
    if (callback !== undefined) return callWithin(context, callback, this, arguments);
    if (error === null || error === undefined) return undefined;
    const { emit } = this as { emit: Callback };
    return callWithin(context, emit, this, ["error", error]);
  };
}

export const isCallback = (value: unknown): value is Callback => typeof value === "function";
