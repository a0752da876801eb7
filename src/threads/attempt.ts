import { Guard } from "../runtime/guard.ts";

/** Stands between what follows other threads and the application. */
export const guard: Guard = new Guard("workers");

/** Runs code about other threads, so that its failure is not the application's. */
export function attempt(code: () => void): void {
  if (guard.enabled) guard.attempt(code);
}
