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

/** Calls a method of the engine that the application has called; without a closure, for the short ones. */
export function callInside(method: Function, self: unknown, args: ArrayLike<unknown>): unknown {
  isInside = true;
  try {
    return Reflect.apply(method, self, args) as unknown;
  } catch (error) {
    guard.attempt(() => removeOwnFrames(error, callInside));
    throw error;
  } finally {
    isInside = false;
  }
}
