import { context, type Attributes } from "@opentelemetry/api";
import { ATTR_DB_NAMESPACE, type EventKind, type MetricDefinition } from "../../semconv/index.ts";
import { attemptFinding, emitFinding } from "../insights/emit.ts";
import type { Definition } from "../metrics/definition.ts";
import { metricRegistry } from "../metrics/registry.ts";
import { SumSeries } from "../metrics/series.ts";
import type { Instance } from "../recording/instance.ts";
import { now } from "../runtime/clock.ts";
import { rateLimitOf } from "../runtime/rate-limit.ts";

/** Counts an event of an instance, if its kind has a counter, and emits it as a log record, at most ten of a kind a minute. */
export function emitEvent(instance: Instance, kind: EventKind, given: Attributes = {}): void {
  attemptFinding(() => {
    const attributes = { ...instance.attributes, ...given };
    if (kind.counted !== undefined) count(kind.counted, attributes);
    const suppressed = rateLimitOf(instance, kind).tryAcquire(now());
    if (suppressed === undefined) return;
    emitFinding({
      name: kind.name,
      body: `${instance.attributes[ATTR_DB_NAMESPACE]}: ${kind.body}`,
      severity: kind.severity,
      attributes,
      suppressed,
      context: context.active(),
    });
  });
}

function count(counter: MetricDefinition, attributes: Attributes): void {
  const own = Object.fromEntries(counter.attributes.map((key) => [key, attributes[key]]));
  const series = metricRegistry.instrument(counter as Definition).bind(own);
  if (series instanceof SumSeries) series.add(1);
}
