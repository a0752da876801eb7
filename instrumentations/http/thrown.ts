import type { Context } from "@opentelemetry/api";
import { throwing } from "../../src/context/request.ts";
import { removeOwnFramesLater } from "../../src/runtime/own-frames.ts";
import { guard } from "./guard.ts";

/** A listener has thrown: where the process is told of the error, its stack is that without us. */
export const keepStack = (): void => learnError(removeOwnFramesLater());

/**
 * A listener has thrown: until whatever becomes of the error has happened, its context is known. Where the process is
 * told of the error, its stack is that without us.
 */
export function hasThrown(where: Context): void {
  throwing.context = where;
  learnError(removeOwnFramesLater(), () => {
    throwing.context = undefined;
  });
}

/**
 * Reports the error that a listener has thrown once the process is told of it.
 * @param after called when that has happened, or whoever emitted the event has caught the error
 */
export function learnError(learned: (error: unknown) => void, after?: () => void): void {
  const learn = guard.callback(learned);
  // Before the error is recorded, and other frames of ours are left out.
  process.prependOnceListener("uncaughtExceptionMonitor", learn);
  process.nextTick(
    guard.callback(() => {
      process.removeListener("uncaughtExceptionMonitor", learn);
      after?.();
    }),
  );
}
