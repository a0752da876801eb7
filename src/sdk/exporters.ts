import { AggregationType, InstrumentType, type PushMetricExporter } from "@opentelemetry/sdk-metrics";
import type { LogRecordExporter } from "@opentelemetry/sdk-logs";
import type { SpanExporter } from "@opentelemetry/sdk-trace";
import type { Config, Protocol } from "../config.ts";
import { loadNow } from "./lazy.ts";
import { watched } from "./reachability.ts";

const OTLP_MODULES: Readonly<Record<Protocol, string>> = { "http/protobuf": "otlp-protobuf", "http/json": "otlp-json" };

const otlp = (protocol: Protocol): typeof import("./otlp-protobuf.ts") => loadNow(OTLP_MODULES[protocol]);

type OtlpOptions = NonNullable<ConstructorParameters<typeof import("./otlp-protobuf.ts").OTLPTraceExporter>[0]>;

type Signal = "traces" | "metrics" | "logs";

const DEFAULT_ENDPOINT = "http://localhost:4318";

/** The address of a signal: its own as it stands, the shared one with the path the signal has. */
function urlOf(config: Config, signal: Signal): string {
  return config[`${signal}Endpoint`] ?? `${(config.endpoint ?? DEFAULT_ENDPOINT).replace(/\/$/, "")}/v1/${signal}`;
}

function optionsOf(config: Config, signal: Signal): OtlpOptions {
  const compression = config[`${signal}Compression`] ?? config.compression;
  return {
    url: urlOf(config, signal),
    headers: { ...config.headers, ...config[`${signal}Headers`] },
    timeoutMillis: config[`${signal}Timeout`] ?? config.timeout,
    compression: compression as NonNullable<OtlpOptions["compression"]>,
  };
}

export function otlpSpanExporter(config: Config): SpanExporter {
  const { OTLPTraceExporter } = otlp(config.tracesProtocol ?? config.protocol);
  return watched(new OTLPTraceExporter(optionsOf(config, "traces")), "spans");
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
  return watched(
    new OTLPMetricExporter({ ...optionsOf(config, "metrics"), aggregationPreference: aggregation }),
    "metrics",
  );
}

export function otlpLogExporter(config: Config): LogRecordExporter {
  const { OTLPLogExporter } = otlp(config.logsProtocol ?? config.protocol);
  return watched(new OTLPLogExporter(optionsOf(config, "logs")), "log records");
}
