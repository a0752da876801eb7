import { logs, SeverityNumber, type Attributes, type Context } from "@opentelemetry/api";
import { ATTR_STORAGE_EVENT_SUPPRESSED } from "../../semconv/index.ts";
import { guard } from "./guard.ts";
import { SCHEMA, SCOPE } from "../runtime/package-info.ts";

/** Finding that is ready to be emitted. */
export interface Finding {
  readonly name: string;
  /** Description for people. */
  readonly body: string;
  readonly severity: "INFO" | "WARN" | "ERROR";
  readonly attributes: Attributes;
  /** Number of similar events that were suppressed since the last one. */
  readonly suppressed: number;
  /** Time of the finding; now by default. */
  readonly timestamp?: number;
  /** Context with the span of the finding. */
  readonly context: Context;
}

export function emitFinding({ name, body, severity, attributes, suppressed, timestamp, context }: Finding): void {
  if (suppressed > 0) attributes[ATTR_STORAGE_EVENT_SUPPRESSED] = suppressed;
  logs.getLogger(SCOPE.name, SCOPE.version, SCHEMA).emit({
    eventName: name,
    timestamp: timestamp ?? Date.now(),
    severityNumber: SeverityNumber[severity],
    severityText: severity,
    body,
    attributes,
    context,
  });
}

/**
 * Runs code that detects and emits findings; its failure affects neither the application nor the instrumentation of the
 * engine.
 */
export function attemptFinding(code: () => void): void {
  if (guard.enabled) guard.attempt(code);
}
