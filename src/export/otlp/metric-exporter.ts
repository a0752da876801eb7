import { ExportResultCode } from "@opentelemetry/core";
import {
  CumulativeTemporalitySelector,
  DeltaTemporalitySelector,
  LowMemoryTemporalitySelector,
} from "@opentelemetry/exporter-metrics-otlp-http";
import {
  AggregationType,
  InstrumentType,
  type PushMetricExporter,
  type ScopeMetrics,
} from "@opentelemetry/sdk-metrics";
import type { Config } from "../../config/index.ts";
import { isIdle } from "../../metrics/idle.ts";
import { SCOPE } from "../../runtime/package-info.ts";
import type { OtlpPipeline } from "./pipeline.ts";
import { pointsOf } from "./serialize.ts";

/** Temporality of instruments for each preference. */
const TEMPORALITIES = {
  cumulative: CumulativeTemporalitySelector,
  delta: DeltaTemporalitySelector,
  lowmemory: LowMemoryTemporalitySelector,
};

const isTheirs = ({ scope, metrics }: ScopeMetrics): boolean => scope.name !== SCOPE.name && metrics.length > 0;

/**
 * Creates the exporter of metrics. The reader's export succeeds as soon as the metrics are in the pipeline, so that a
 * failed push does not delay the next.
 * @param collect exports the metrics of this moment
 */
export function metricExporter(
  pipeline: OtlpPipeline,
  { metricTemporality, histogramAggregation }: Config,
  collect: () => void,
): PushMetricExporter & Required<Pick<PushMetricExporter, "selectAggregationTemporality">> {
  const send = pipeline.open("metrics", { pack() {}, end: collect });
  const isExponential = histogramAggregation === "base2_exponential_bucket_histogram";
  return {
    export(metrics, done) {
      if (!isIdle() || metrics.scopeMetrics.some(isTheirs)) send(metrics, pointsOf(metrics));
      done({ code: ExportResultCode.SUCCESS });
    },
    selectAggregationTemporality: TEMPORALITIES[metricTemporality],
    selectAggregation: (type) =>
      isExponential && type === InstrumentType.HISTOGRAM
        ? { type: AggregationType.EXPONENTIAL_HISTOGRAM }
        : { type: AggregationType.DEFAULT },
    forceFlush: async () => {},
    shutdown: async () => {},
  };
}
