import { AggregationType, InstrumentType, type PushMetricExporter } from "@opentelemetry/sdk-metrics";
import type { LogRecordExporter } from "@opentelemetry/sdk-logs";
import type { SpanExporter } from "@opentelemetry/sdk-trace";
import type { Config, Protocol } from "../config.ts";
import { loadNow } from "./lazy.ts";
import { watched } from "./reachability.ts";

const OTLP_MODULES: Readonly<Record<Protocol, string>> = { "http/protobuf": "otlp-protobuf", "http/json": "otlp-json" };

const otlp = (protocol: Protocol): typeof import("./otlp-protobuf.ts") => loadNow(OTLP_MODULES[protocol]);

// Endpoints, headers, compression and certificates the exporters read from the standard variables themselves.

export function otlpSpanExporter(config: Config): SpanExporter {
  const { OTLPTraceExporter } = otlp(config.tracesProtocol ?? config.protocol);
  return watched(new OTLPTraceExporter(), "spans");
}

export function otlpMetricExporter(config: Config): PushMetricExporter {
  const { OTLPMetricExporter } = otlp(config.metricsProtocol ?? config.protocol);
  const isExponential = config.histogramAggregation === "base2_exponential_bucket_histogram";
  const aggregation = (
    type: InstrumentType,
  ): { type: AggregationType.DEFAULT } | { type: AggregationType.EXPONENTIAL_HISTOGRAM } =>
    isExponential && type === InstrumentType.HISTOGRAM
      ? { type: AggregationType.EXPONENTIAL_HISTOGRAM }
      : { type: AggregationType.DEFAULT };
  return watched(new OTLPMetricExporter({ aggregationPreference: aggregation }), "metrics");
}

export function otlpLogExporter(config: Config): LogRecordExporter {
  const { OTLPLogExporter } = otlp(config.logsProtocol ?? config.protocol);
  return watched(new OTLPLogExporter(), "log records");
}
