/**
 * OTLP code of OpenTelemetry's packages. It would take a fifth of a second of start-up to load, so it is loaded when
 * there is something to send.
 */
import { diag, type DiagLogger } from "@opentelemetry/api";
import { convertLegacyHttpOptions, type OTLPExporterNodeConfigBase } from "@opentelemetry/otlp-exporter-base/node-http";
import {
  JsonLogsSerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
  type ISerializer,
} from "@opentelemetry/otlp-transformer";
import type { ContentType, Signal } from "../batch.ts";
import { encodeSpans } from "./encode-spans.ts";

/** Relevant part of a response. */
interface Response {
  readonly partialSuccess?: {
    readonly rejectedSpans?: unknown;
    readonly rejectedDataPoints?: unknown;
    readonly rejectedLogRecords?: unknown;
    readonly errorMessage?: string | null;
  } | null;
}

export type Serializer = ISerializer<unknown, Response>;

export const SERIALIZERS: Readonly<Record<ContentType, Readonly<Record<Signal, Serializer>>>> = {
  "application/x-protobuf": {
    traces: { ...ProtobufTraceSerializer, serializeRequest: encodeSpans } as Serializer,
    metrics: ProtobufMetricsSerializer as Serializer,
    logs: ProtobufLogsSerializer as Serializer,
  },
  "application/json": {
    traces: JsonTraceSerializer as Serializer,
    metrics: JsonMetricsSerializer as Serializer,
    logs: JsonLogsSerializer as Serializer,
  },
};

/** Redirects the messages of these packages to a logger of ours. */
export const logThrough = (logger: Partial<DiagLogger>): void => void Object.assign(diag, logger);

/** Returns the settings of a signal's requests, with its certificates. The package reads them from the environment. */
export const requestSettings = (
  signal: Signal,
  options: OTLPExporterNodeConfigBase,
): ReturnType<typeof convertLegacyHttpOptions> =>
  convertLegacyHttpOptions(options, signal.toUpperCase(), `v1/${signal}`, {});
