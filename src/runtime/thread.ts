/**
 * Which thread this is. `node:worker_threads` knows, but takes 2.5 ms and 2 MB to load; in a worker it is loaded
 * anyway, and this tells whether it is one: there Node.js disables what concerns the whole process.
 */
export const isMainThread: boolean = !("disabled" in process.abort);

/** What is known of threads; to be asked for only where there are some. */
export const workerThreads = (): typeof import("node:worker_threads") =>
  process.getBuiltinModule("node:worker_threads");

/** The number of this thread within the process. */
export const threadId = (): number => (isMainThread ? 0 : workerThreads().threadId);

/** Whether this is one of the helper threads of Node.js itself, where no application is. */
export const isInternalThread = (): boolean => !isMainThread && workerThreads().isInternalThread;
