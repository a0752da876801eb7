import { context, type Attributes } from "@opentelemetry/api";
import { ATTR_DB_NAMESPACE, type EventKind } from "../../semconv/index.ts";
import { attemptFinding, emitFinding } from "../insights/emit.ts";
import type { Instance } from "../recording/instance.ts";
import { now } from "../runtime/clock.ts";
import { rateLimitOf } from "../runtime/rate-limit.ts";

/** Emits an event of an instance as a log record, at most ten of a kind a minute. */
export function emitEvent(instance: Instance, kind: EventKind, attributes: Attributes = {}): void {
  attemptFinding(() => {
    const suppressed = rateLimitOf(instance, kind).tryAcquire(now());
    if (suppressed === undefined) return;
    emitFinding({
      name: kind.name,
      body: `${instance.attributes[ATTR_DB_NAMESPACE]}: ${kind.body}`,
      severity: kind.severity,
      attributes: { ...instance.attributes, ...attributes },
      suppressed,
      context: context.active(),
    });
  });
}
