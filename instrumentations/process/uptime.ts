import { METRIC_PROCESS_UPTIME } from "../../semconv/index.ts";
import { isMainThread } from "../../src/runtime/thread.ts";
import { metricRegistry } from "../../src/metrics/registry.ts";

/** Polls the time for which the process has been running. */
export function pollUptime(): void {
  if (!isMainThread) return;
  const uptime = metricRegistry.instrument(METRIC_PROCESS_UPTIME).bind({});
  metricRegistry.onCollect(() => {
    uptime.set(process.uptime());
  });
}
