import { setImmediate } from "node:timers/promises";
import type { Config } from "../../config/index.ts";
import { History } from "../../metrics/history.ts";
import { healthChecks } from "../../health/checks.ts";
import { metricRegistry } from "../../metrics/registry.ts";
import { Monitor } from "./monitor.ts";
import { processChecks } from "./process-checks.ts";
import { storageChecks } from "./storage-checks.ts";

let monitor: Monitor | undefined;

/** Returns the health monitor of this process, creating it on first use. */
export function healthMonitor(config: Config): Monitor {
  if (monitor === undefined) {
    const own = [...processChecks(config), ...storageChecks(config)];
    monitor = new Monitor(() => [...own, ...healthChecks.added()]);
  }
  return monitor;
}

/** Metrics of the last minutes. */
export const metricHistory: History = new History(metricRegistry);

/**
 * Runs the checks periodically, so that metrics, events and the history include states that no probe requested. Never
 * rejects.
 */
export async function lookAround(config: Config): Promise<void> {
  const monitor = healthMonitor(config);
  await monitor.report("liveness");
  // In separate turns, so that the application is not blocked for the total time.
  await setImmediate();
  metricHistory.record();
  await setImmediate();
  await monitor.report("readiness");
}
