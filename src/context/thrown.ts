import type { Context } from "@opentelemetry/api";
import { Guard } from "../runtime/guard.ts";
import { removeOwnFramesLater } from "../runtime/own-frames.ts";
import { throwing } from "./request.ts";

const guard = new Guard("callbacks");

/** Removes our own frames from the stack of an error thrown by a listener when the process reports the error. */
export const keepStack = (): void => learnError(removeOwnFramesLater());

/**
 * Keeps the context of a listener's error until the error has been handled. Removes our own frames from its stack when
 * the process reports it.
 */
export function hasThrown(where: Context): void {
  throwing.context = where;
  learnError(removeOwnFramesLater(), () => {
    throwing.context = undefined;
  });
}

/**
 * Reports the error that a listener has thrown once it reaches the process.
 * @param after called after that, or after the caller of `emit` has caught the error
 */
export function learnError(learned: (error: unknown) => void, after?: () => void): void {
  const learn = guard.callback(learned);
  // Prepended: this must run before the error is recorded, and while other frames of ours are removed.
  process.prependOnceListener("uncaughtExceptionMonitor", learn);
  process.nextTick(
    guard.callback(() => {
      process.removeListener("uncaughtExceptionMonitor", learn);
      after?.();
    }),
  );
}
