import { setImmediate } from "node:timers/promises";
import type { Config } from "../../config/index.ts";
import { History } from "../../metrics/history.ts";
import { healthChecks } from "../../health/checks.ts";
import { hotMetrics } from "../../metrics/registry.ts";
import { Monitor } from "./monitor.ts";
import { processChecks } from "./process-checks.ts";
import { storageChecks } from "./storage-checks.ts";

let monitor: Monitor | undefined;

/** What looks after the health of this process; it begins to when it is first asked. */
export function healthMonitor(config: Config): Monitor {
  if (monitor === undefined) {
    const own = [...processChecks(config), ...storageChecks(config)];
    monitor = new Monitor(() => [...own, ...healthChecks.added()]);
  }
  return monitor;
}

/** The metrics of the last minutes. */
export const metricHistory: History = new History(hotMetrics);

/** Looks around without being asked, so that metrics, events and the history tell of what nobody probed. Never rejects. */
export async function lookAround(config: Config): Promise<void> {
  const monitor = healthMonitor(config);
  await monitor.report("liveness");
  // One piece at a time, so that the application is not kept waiting for all of them.
  await setImmediate();
  metricHistory.record();
  await setImmediate();
  await monitor.report("readiness");
}
