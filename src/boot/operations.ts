import { startAlerts } from "../alerts/index.ts";
import type { Config } from "../config/index.ts";
import { isHealthOn, isScraped, startHealth } from "../health/index.ts";
import { prepareForIncidents } from "../server/incident.ts";
import { listen, listenPrivately } from "../server/index.ts";
import { serviceName } from "../config/service-name.ts";
import { isMainThread } from "../runtime/thread.ts";

/**
 * Has the process looked after: its health, its alerts, and what can be changed while it runs. One thread does that
 * for all of them.
 * @returns stops it
 */
export function startOperations(config: Config): () => void {
  if (!isMainThread) return () => {};
  prepareForIncidents(config);
  const stops = [
    startHealth(config),
    startAlerts(config, serviceName(config) || "unknown_service"),
    listenPrivately(config),
  ];
  // Where there is a listener for `/metrics`, it answers for health as well.
  if (isHealthOn(config) && !isScraped(config)) {
    const endpoint = listen(config);
    stops.push(() => endpoint.close());
  }
  return () => {
    for (const stop of stops) stop();
  };
}
