import { hasWorkers } from "../../threads/worker-registry.ts";

/** What a report of Node.js says of the handles of the event loop, the loop itself among them. */
interface Report {
  readonly libuv: readonly { readonly type: string; readonly is_active: boolean }[];
}

/**
 * Whether the event loop has something to wait for. `process.getActiveResourcesInfo()` leaves out what runs on the
 * thread pool; a report, which takes milliseconds, says what the loop says. It would wait for each worker, however long
 * that does not come to answer, so where there are workers there is none.
 */
export function isLoopAlive(): boolean {
  if (hasWorkers()) return false;
  const { report } = process as unknown as {
    readonly report: { excludeNetwork: boolean; getReport(): Report };
  };
  const { excludeNetwork } = report;
  // It would look up the name of each peer.
  report.excludeNetwork = true;
  try {
    return report.getReport().libuv.some(({ type, is_active }) => type === "loop" && is_active);
  } finally {
    report.excludeNetwork = excludeNetwork;
  }
}
