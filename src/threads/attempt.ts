import { Guard } from "../runtime/guard.ts";

/** Guard between the handling of other threads and the application. */
export const guard: Guard = new Guard("workers");

/** Runs code that handles other threads, without letting its failure reach the application. */
export function attempt(code: () => void): void {
  if (guard.enabled) guard.attempt(code);
}
