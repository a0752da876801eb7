import { logs } from "@opentelemetry/api-logs";
import type { LoggerProvider } from "@opentelemetry/api";

/** Libraries that still emit through `@opentelemetry/api-logs` look for their provider in a place of its own. */
export function bridgeLegacyLogs(provider: LoggerProvider): void {
  logs.setGlobalLoggerProvider(provider);
}
