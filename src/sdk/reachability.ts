import { ExportResultCode, type ExportResult } from "@opentelemetry/core";
import { log } from "../log.ts";

interface Exporter<T> {
  export(items: T, done: (result: ExportResult) => void): void;
}

/** The signals that do not get through at the moment. */
const failing = new Set<string>();

/** Says once that telemetry does not get through, and once that it does again: not once for each attempt. */
export function watched<T, E extends Exporter<T>>(exporter: E, signal: string): E {
  const send = exporter.export.bind(exporter);
  exporter.export = (items, done) =>
    send(items, (result) => {
      if (result.code === ExportResultCode.SUCCESS) succeeded(signal);
      else failed(signal, result.error);
      done(result);
    });
  return exporter;
}

function failed(signal: string, error: Error | undefined): void {
  if (failing.size === 0)
    log.warn(
      `${signal} cannot be sent over OTLP (${reasonOf(error)}); what is collected meanwhile is lost, the application goes on`,
    );
  failing.add(signal);
}

function succeeded(signal: string): void {
  if (!failing.delete(signal)) return;
  if (failing.size === 0) log.warn("telemetry is sent over OTLP again");
}

/** Node reports a refused connection to a name with several addresses as an error without a message. */
export function reasonOf(error: unknown): string {
  const [cause = error] = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  return cause instanceof Error ? cause.message || cause.name : String(cause ?? "no reason given");
}
