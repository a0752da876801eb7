import { Guard } from "../../src/runtime/guard.ts";
import { removeOwnFrames } from "../../src/runtime/own-frames.ts";

const guard = new Guard("lmdb calls");

/**
 * True while a method of the engine runs, which calls others: those are no calls of the application. Callbacks of the
 * application that it runs meanwhile are outside again.
 */
let isInside = false;

export const isInsideEngine = (): boolean => isInside;

/** Runs a method of the engine that the application has called. */
export function insideEngine<T>(code: () => T): T {
  const before = isInside;
  isInside = true;
  try {
    return code();
  } finally {
    isInside = before;
  }
}

/** Runs a callback of the application. */
export function outsideEngine<T>(code: () => T): T {
  const before = isInside;
  isInside = false;
  try {
    return code();
  } finally {
    isInside = before;
  }
}

/** Begins a call of the application, whose `finally` calls {@link left}: without a closure, for the short ones. */
export function entered(): void {
  isInside = true;
}

export function left(): void {
  isInside = false;
}

/** Removes our frames from the stack of an error that a wrapper is about to throw. */
export function threw(error: unknown): void {
  guard.attempt(() => removeOwnFrames(error, threw));
}

/** Calls a method of the engine that the application has called. */
export function callInside(method: Function, self: unknown, args: ArrayLike<unknown>): unknown {
  isInside = true;
  try {
    return Reflect.apply(method, self, args) as unknown;
  } catch (error) {
    threw(error);
    throw error;
  } finally {
    isInside = false;
  }
}
