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
import type { SeriesProducer } from "../metrics/producer.ts";

/**
 * Collector a reader is bound to. The SDK provides its metrics only through a promise, for which it is too late at
 * exit.
 */
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

/** Instruments with callbacks, which may be asynchronous, for which there is no time. */
const OBSERVED: ReadonlySet<InstrumentType> = new Set([
  InstrumentType.OBSERVABLE_COUNTER,
  InstrumentType.OBSERVABLE_GAUGE,
  InstrumentType.OBSERVABLE_UP_DOWN_COUNTER,
]);

/** Returns the current metrics of the application and of stratascope, except for observable instruments. */
export function lastMetrics(reader: MetricReader, ours: SeriesProducer): ResourceMetrics {
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
