import { logs, SeverityNumber, type Attributes, type Context } from "@opentelemetry/api";
import { ATTR_STORAGE_EVENT_SUPPRESSED } from "../../semconv/index.ts";
import { guard } from "./guard.ts";
import { SCOPE } from "../runtime/package-info.ts";

/** One finding, ready to be told. */
export interface Finding {
  readonly name: string;
  /** The same for people. */
  readonly body: string;
  readonly severity: "INFO" | "WARN" | "ERROR";
  readonly attributes: Attributes;
  /** Events like this one that were left out since the last. */
  readonly suppressed: number;
  /** When it was found; otherwise now. */
  readonly timestamp?: number;
  /** Names the span the finding is about. */
  readonly context: Context;
}

export function emitFinding({ name, body, severity, attributes, suppressed, timestamp, context }: Finding): void {
  if (suppressed > 0) attributes[ATTR_STORAGE_EVENT_SUPPRESSED] = suppressed;
  logs.getLogger(SCOPE.name, SCOPE.version).emit({
    eventName: name,
    timestamp: timestamp ?? Date.now(),
    severityNumber: SeverityNumber[severity],
    severityText: severity,
    body,
    attributes,
    context,
  });
}

/** Runs code that finds and tells; its failure is neither the application's nor the engine's. */
export function attemptFinding(code: () => void): void {
  if (guard.enabled) guard.attempt(code);
}
