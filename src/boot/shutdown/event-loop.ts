import { hasWorkers } from "../../threads/worker-registry.ts";

/** Part of a Node.js report that lists the handles of the event loop, the loop itself among them. */
interface NodeReport {
  readonly libuv: readonly { readonly type: string; readonly is_active: boolean }[];
}

/**
 * Tells whether the event loop is kept alive. `process.getActiveResourcesInfo()` leaves out work on the thread pool; a
 * report, which takes milliseconds, includes the state of the loop itself. A report waits for each worker, however long
 * the worker takes, so none is written if there are workers.
 */
export function isLoopAlive(): boolean {
  if (hasWorkers()) return false;
  const { report } = process as unknown as {
    readonly report: { excludeNetwork: boolean; getReport(): NodeReport };
  };
  const { excludeNetwork } = report;
  // Otherwise it would look up the name of each peer.
  report.excludeNetwork = true;
  try {
    return report.getReport().libuv.some(({ type, is_active }) => type === "loop" && is_active);
  } finally {
    report.excludeNetwork = excludeNetwork;
  }
}
