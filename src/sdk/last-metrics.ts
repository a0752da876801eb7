import type { HrTime } from "@opentelemetry/api";
import { millisToHrTime } from "@opentelemetry/core";
import type { Resource } from "@opentelemetry/resources";
import {
  InstrumentType,
  type MetricData,
  type MetricReader,
  type ResourceMetrics,
  type ScopeMetrics,
} from "@opentelemetry/sdk-metrics";
import type { HotMetricProducer } from "../metrics/producer.ts";

/** What a reader is bound to. The SDK has no way to its metrics but a promise, for which it is too late. */
interface Collector {
  readonly _sharedState: { readonly resource: Resource; readonly meterSharedStates: ReadonlyMap<string, MeterState> };
}
interface MeterState {
  readonly _instrumentationScope: ScopeMetrics["scope"];
  readonly metricStorageRegistry: { getStorages(collector: Collector): readonly Storage[] };
}
interface Storage {
  getInstrumentDescriptor(): { readonly type: InstrumentType };
  collect(collector: Collector, time: HrTime): MetricData | undefined;
}

/** Their callbacks may wait for something, and there is no time. */
const OBSERVED: ReadonlySet<InstrumentType> = new Set([
  InstrumentType.OBSERVABLE_COUNTER,
  InstrumentType.OBSERVABLE_GAUGE,
  InstrumentType.OBSERVABLE_UP_DOWN_COUNTER,
]);

/** What was counted up to this moment, by the application and by us; observed instruments are not asked. */
export function lastMetrics(reader: MetricReader, ours: HotMetricProducer): ResourceMetrics {
  const { _sdkMetricProducer: collector } = reader as unknown as { _sdkMetricProducer: Collector };
  const { resource, meterSharedStates } = collector._sharedState;
  const time = millisToHrTime(Date.now());
  const scopeMetrics = [...meterSharedStates.values()].map((meter) => ({
    scope: meter._instrumentationScope,
    metrics: meter.metricStorageRegistry
      .getStorages(collector)
      .filter((storage) => !OBSERVED.has(storage.getInstrumentDescriptor().type))
      .flatMap((storage) => storage.collect(collector, time) ?? []),
  }));
  const theirs = scopeMetrics.filter(({ metrics }) => metrics.length > 0);
  return { resource, scopeMetrics: [...theirs, ...ours.collectNow().resourceMetrics.scopeMetrics] };
}
