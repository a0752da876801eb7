import { log } from "../../runtime/self-log.ts";
import type { Signal } from "../batch.ts";

/** Signals that currently cannot be delivered. */
const failing = new Set<Signal>();

/** Milliseconds in which an intermittent failure is not logged again. */
const QUIET = 60_000;

let isReported = false;
let reportedAt = -Infinity;

/**
 * Logs once, not for each attempt, that telemetry cannot be delivered.
 * @param fate what happens to the telemetry
 */
export function unreachable(signal: Signal, reason: string, fate: string): void {
  if (!isReported && performance.now() - reportedAt > QUIET) {
    isReported = true;
    reportedAt = performance.now();
    log.warn(`${signal} cannot be sent over OTLP (${reason}); new telemetry ${fate}, the application is not affected`);
  }
  failing.add(signal);
}

/** Logs that telemetry cannot be delivered, unless the log says so already. */
export function unsent(what: string): void {
  if (!isReported) log.warn(what);
  isReported = true;
}

/**
 * Logs the failure of an exporter that is not ours. Such an exporter fails repeatedly while it cannot reach its
 * Collector, and does not report when it can again.
 */
export const exportFailed = (error: unknown): void =>
  unsent(`telemetry cannot be sent (${reasonOf(error)}); new telemetry is lost`);

/** Logs once that telemetry is delivered again. */
export function reachable(signal: Signal): void {
  if (!failing.delete(signal) || failing.size > 0 || !isReported) return;
  isReported = false;
  log.warn("telemetry is sent over OTLP again");
}

/**
 * Returns the reason of an error. For a refused connection to a name with several addresses, Node.js throws an error
 * without a message.
 */
export function reasonOf(error: unknown): string {
  const [cause = error] = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  return cause instanceof Error ? cause.message || cause.name : String(cause ?? "no reason given");
}
