import { setImmediate } from "node:timers";
import { Guard } from "./guard.ts";

const guard = new Guard("uncaught exceptions");

let isRecent = false;

/**
 * Notes an uncaught exception. If a native addon has called what threw it, every object of that addon is unusable until
 * the listeners of the process have returned, those of its end included: a call of it can end the process at once.
 */
export function noteUncaught(): void {
  isRecent = true;
  setImmediate(guard.callback(() => (isRecent = false))).unref();
}

/** Tells whether the process is handling an uncaught exception, or is ending by it. */
export const isUncaught = (): boolean => isRecent;
