import {
  choice,
  headers,
  milliseconds,
  option,
  optional,
  proxy,
  text,
  url,
  type OptionKind,
  type Option,
} from "./option.ts";

const PROTOCOLS = ["http/protobuf", "http/json"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

type PerSignal<Name extends string, T, Fallback> = Record<Name, Option<T, Fallback>> &
  Record<`${"traces" | "metrics" | "logs"}${Capitalize<Name>}`, Option<T, T | undefined>>;

/** Returns a setting of OTLP for all signals, and one for each signal that takes precedence. */
function perSignal<Name extends string, T, Fallback>(
  name: Name,
  all: Option<T, Fallback>,
): PerSignal<Name, T, Fallback> {
  const of = (signal: string, doc: string): [string, Option<T, T | undefined>] => [
    `${signal}${name[0]!.toUpperCase()}${name.slice(1)}`,
    optional(all.variable.replace("OTLP", `OTLP_${signal.toUpperCase()}`), all.kind, doc),
  ];
  const specific = [
    of("traces", "The same for spans only."),
    of("metrics", "The same for metrics only."),
    of("logs", "The same for log records only."),
  ];
  return { [name]: all, ...Object.fromEntries(specific) } as PerSignal<Name, T, Fallback>;
}

/** Returns a setting that other tools read as well, in upper or lower case. */
const shared = (variable: string, kind: OptionKind<string>, doc: string): Option<string, string | undefined> => ({
  ...optional(variable, kind, doc),
  isInLowerCase: true,
});

/** Settings of the export over OTLP. */
export const OTLP_OPTIONS = {
  ...perSignal(
    "endpoint",
    optional("OTEL_EXPORTER_OTLP_ENDPOINT", url, "URL OTLP is sent to; defaults to `http://localhost:4318`."),
  ),
  ...perSignal(
    "protocol",
    option("OTEL_EXPORTER_OTLP_PROTOCOL", choice(...PROTOCOLS), "http/protobuf", "Protocol of OTLP requests."),
  ),
  ...perSignal(
    "headers",
    optional("OTEL_EXPORTER_OTLP_HEADERS", headers, "Headers of OTLP requests, `key=value,key=value`."),
  ),
  ...perSignal(
    "compression",
    option("OTEL_EXPORTER_OTLP_COMPRESSION", choice("none", "gzip"), "none", "Compression of OTLP requests."),
  ),
  ...perSignal(
    "certificate",
    optional(
      "OTEL_EXPORTER_OTLP_CERTIFICATE",
      text,
      "File of the certificates that verify the Collector's certificate.",
    ),
  ),
  ...perSignal(
    "clientCertificate",
    optional("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", text, "File of the client certificate, for mTLS."),
  ),
  ...perSignal(
    "clientKey",
    optional("OTEL_EXPORTER_OTLP_CLIENT_KEY", text, "File of the key of the client certificate."),
  ),
  httpProxy: shared("HTTP_PROXY", proxy, "Proxy through which OTLP is sent to an `http` URL."),
  httpsProxy: shared("HTTPS_PROXY", proxy, "Proxy through which OTLP is sent to an `https` URL."),
  noProxy: shared(
    "NO_PROXY",
    text,
    "Hosts reached without a proxy, separated by commas: names including their subdomains, addresses, or `*`, each with or without a port.",
  ),
  metricTemporality: option(
    "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
    choice("cumulative", "delta", "lowmemory"),
    "cumulative",
    "Temporality of metrics sent over OTLP: counted from the start or from the last export.",
  ),
  ...perSignal(
    "timeout",
    option(
      "OTEL_EXPORTER_OTLP_TIMEOUT",
      milliseconds(1),
      10_000,
      "Milliseconds after which an OTLP request times out.",
    ),
  ),
  histogramAggregation: option(
    "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION",
    choice("explicit_bucket_histogram", "base2_exponential_bucket_histogram"),
    "explicit_bucket_histogram",
    "Buckets of histograms sent over OTLP.",
  ),
};
