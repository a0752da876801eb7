import type { Instance } from "../recording/instance.ts";

/** Iteration that has begun and not ended. */
export interface Unfinished {
  readonly database: Instance;
  /** Time since which it holds a snapshot open; undefined while it does not. */
  readonly reading: bigint | undefined;
  finish(): void;
}

/** Maximum number of unfinished iterations that are tracked; beyond it, the oldest is counted as ended. */
const MAX_UNFINISHED = 1_000;
const unfinished = new Set<Unfinished>();

export function begin(iteration: Unfinished): void {
  if (unfinished.size >= MAX_UNFINISHED) unfinished.values().next().value?.finish();
  unfinished.add(iteration);
}

export const end = (iteration: Unfinished): boolean => unfinished.delete(iteration);

/** Ends all unfinished iterations, as the process is about to exit. */
export function finishIterations(): void {
  for (const iteration of unfinished) iteration.finish();
}

/** Returns the iterations that have begun and not ended. */
export const unfinishedIterations = (): Iterable<Unfinished> => unfinished;
