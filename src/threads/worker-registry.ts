import { subscribe } from "node:diagnostics_channel";
import type { Worker } from "node:worker_threads";
import { guard } from "./attempt.ts";

const ENDED = -1;

/** Workers that this thread has started, tracked without a listener on them. */
const workers = new Map<number, Worker>();

export function watchChildren(): void {
  subscribe(
    "worker_threads",
    guard.callback((message: unknown) => {
      const { worker } = message as { readonly worker: Worker };
      workers.set(worker.threadId, worker);
    }),
  );
}

/** Tells whether a worker of this thread may be running. */
export const hasWorkers = (): boolean => [...workers.values()].some(({ threadId }) => threadId !== ENDED);

/**
 * Returns the numbers of the workers that have ended since the last call: there is no notification when a worker is
 * terminated.
 */
export function takeEndedWorkers(): number[] {
  const ended = [...workers].filter(([, worker]) => worker.threadId === ENDED).map(([id]) => id);
  for (const id of ended) workers.delete(id);
  return ended;
}
