import { log } from "../../runtime/self-log.ts";
import type { Signal } from "../batch.ts";

/** The signals that do not get through at the moment. */
const failing = new Set<Signal>();

/** Milliseconds for which one that fails now and then is not told of again. */
const QUIET = 60_000;

let isTold = false;
let toldAt = -Infinity;

/**
 * Says once that telemetry does not get through: not once for each attempt.
 * @param fate what becomes of it
 */
export function unreachable(signal: Signal, reason: string, fate: string): void {
  if (!isTold && performance.now() - toldAt > QUIET) {
    isTold = true;
    toldAt = performance.now();
    log.warn(
      `${signal} cannot be sent over OTLP (${reason}); what is collected meanwhile ${fate}, the application goes on`,
    );
  }
  failing.add(signal);
}

/** Says that telemetry does not get through, unless somebody who reads the log knows already. */
export function unsent(what: string): void {
  if (!isTold) log.warn(what);
  isTold = true;
}

/** An exporter of somebody else's that cannot reach its Collector fails again and again, and does not say when it can. */
export const exportFailed = (error: unknown): void =>
  unsent(`telemetry cannot be sent (${reasonOf(error)}); what is collected meanwhile is lost`);

/** Says once that telemetry gets through again. */
export function reachable(signal: Signal): void {
  if (!failing.delete(signal) || failing.size > 0 || !isTold) return;
  isTold = false;
  log.warn("telemetry is sent over OTLP again");
}

/** Node reports a refused connection to a name with several addresses as an error without a message. */
export function reasonOf(error: unknown): string {
  const [cause = error] = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  return cause instanceof Error ? cause.message || cause.name : String(cause ?? "no reason given");
}
