import { subscribe } from "node:diagnostics_channel";
import type { Worker } from "node:worker_threads";
import { guard } from "./attempt.ts";

const ENDED = -1;

/** The workers this thread has started, known without a listener on them. */
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

/** Whether a worker of this thread may be running. */
export const hasWorkers = (): boolean => [...workers.values()].some(({ threadId }) => threadId !== ENDED);

/** The numbers of those that have ended since the last call: nobody is told when a worker is terminated. */
export function takeEndedWorkers(): number[] {
  const ended = [...workers].filter(([, worker]) => worker.threadId === ENDED).map(([id]) => id);
  for (const id of ended) workers.delete(id);
  return ended;
}
