/** OTLP over HTTP with protobuf bodies. */
export { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-proto";
export { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
export { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
