import { startAlerts } from "../alerts/index.ts";
import type { Config } from "../config/index.ts";
import { isHealthOn, isScraped, startHealth } from "../health/index.ts";
import { prepareForIncidents } from "../server/incident.ts";
import { listen, listenPrivately } from "../server/index.ts";
import { serviceName } from "../config/service-name.ts";
import { isMainThread } from "../runtime/thread.ts";

/**
 * Starts health checks, alerts and remote control. One thread runs them for the whole process.
 * @returns a function that stops them
 */
export function startOperations(config: Config): () => void {
  if (!isMainThread) return () => {};
  prepareForIncidents(config);
  const stops = [
    startHealth(config),
    startAlerts(config, serviceName(config) || "unknown_service"),
    listenPrivately(config),
  ];
  // A listener for `/metrics` serves health as well.
  if (isHealthOn(config) && !isScraped(config)) {
    const endpoint = listen(config);
    stops.push(() => endpoint.close());
  }
  return () => {
    for (const stop of stops) stop();
  };
}
