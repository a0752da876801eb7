import { ExportResultCode } from "@opentelemetry/core";
import {
  AggregationTemporality,
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

const { CUMULATIVE, DELTA } = AggregationTemporality;

/** The instruments that count from the last push; the specification has a list for each preference. */
const DELTAS: Readonly<Record<Config["metricTemporality"], readonly InstrumentType[]>> = {
  cumulative: [],
  delta: [
    InstrumentType.COUNTER,
    InstrumentType.OBSERVABLE_COUNTER,
    InstrumentType.GAUGE,
    InstrumentType.OBSERVABLE_GAUGE,
    InstrumentType.HISTOGRAM,
  ],
  lowmemory: [InstrumentType.COUNTER, InstrumentType.HISTOGRAM],
};

const isTheirs = ({ scope, metrics }: ScopeMetrics): boolean => scope.name !== SCOPE.name && metrics.length > 0;

/**
 * Sends metrics. For the reader they are exported once they are on their way, so that one push that does not get
 * through does not stand before the next.
 * @param collect exports what there is at this moment
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
    selectAggregationTemporality: (type) => (DELTAS[metricTemporality].includes(type) ? DELTA : CUMULATIVE),
    selectAggregation: (type) =>
      isExponential && type === InstrumentType.HISTOGRAM
        ? { type: AggregationType.EXPONENTIAL_HISTOGRAM }
        : { type: AggregationType.DEFAULT },
    forceFlush: async () => {},
    shutdown: async () => {},
  };
}
