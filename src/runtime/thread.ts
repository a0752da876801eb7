/**
 * True if this is the main thread. `node:worker_threads` takes 2.5 ms and 2 MB to load, so it is not used for this; in
 * a worker it is loaded anyway. A worker is recognized by `process.abort`: Node.js disables there what concerns the
 * whole process.
 */
export const isMainThread: boolean = !("disabled" in process.abort);

/** Returns `node:worker_threads`. To be called only where there are threads. */
export const workerThreads = (): typeof import("node:worker_threads") =>
  process.getBuiltinModule("node:worker_threads");

/** Returns the number of this thread within the process. */
export const threadId = (): number => (isMainThread ? 0 : workerThreads().threadId);

/** Tells whether this is a helper thread of Node.js itself, which runs no application code. */
export const isInternalThread = (): boolean => !isMainThread && workerThreads().isInternalThread;
