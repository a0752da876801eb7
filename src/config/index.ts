import { HEALTH_OPTIONS } from "./health-options.ts";
import { SELF_LOG_LEVELS } from "../runtime/self-log.ts";
import { LOG_OPTIONS } from "./log-options.ts";
import { OTLP_OPTIONS } from "./otlp-options.ts";
import {
  amount,
  boolean,
  choice,
  host,
  list,
  milliseconds,
  option,
  optional,
  pairs,
  ratio,
  text,
  url,
  whole,
  words,
  type Option,
} from "./option.ts";
import { managedApplication, unpacked, type ManagedApplication } from "../runtime/process-manager.ts";
import { ALIAS_SETS } from "./alias-set.ts";
import { SPAN_MODES } from "./span-mode.ts";

const SAMPLERS = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;
export type SamplerName = (typeof SAMPLERS)[number];

/** All settings. */
export const OPTIONS = {
  disabled: option("OTEL_SDK_DISABLED", boolean, false, "Disables everything: nothing is patched, nothing is sent."),
  logLevel: option(
    "OTEL_LOG_LEVEL",
    choice(...SELF_LOG_LEVELS),
    "warn",
    "Minimum level of the messages of stratascope and the SDK on stderr.",
  ),
  configFile: option(
    "OTEL_CONFIG_FILE",
    text,
    "",
    "Declarative configuration file; replaces the variables of the SDK below.",
  ),
  serviceName: option(
    "OTEL_SERVICE_NAME",
    text,
    "",
    "Value of `service.name`; defaults to the name in the application's package.json.",
  ),
  resourceAttributes: option("OTEL_RESOURCE_ATTRIBUTES", pairs, {}, "Resource attributes, `key=value,key=value`."),
  tracesExporters: option("OTEL_TRACES_EXPORTER", words("otlp", "console", "none"), ["otlp"], "Exporters of spans."),
  metricsExporters: option(
    "OTEL_METRICS_EXPORTER",
    words("otlp", "prometheus", "console", "none"),
    ["otlp", "prometheus"],
    "Exporters of metrics.",
  ),
  logsExporters: option("OTEL_LOGS_EXPORTER", words("otlp", "console", "none"), ["otlp"], "Exporters of log records."),
  ...OTLP_OPTIONS,
  exemplarFilter: option(
    "OTEL_METRICS_EXEMPLAR_FILTER",
    choice("trace_based", "always_off"),
    "trace_based",
    "Exemplars of histograms: `trace_based` keeps those of sampled traces, `always_off` keeps none.",
  ),
  metricInterval: option(
    "OTEL_METRIC_EXPORT_INTERVAL",
    milliseconds(1),
    60_000,
    "Milliseconds between two exports of metrics.",
  ),
  metricTimeout: option(
    "OTEL_METRIC_EXPORT_TIMEOUT",
    milliseconds(1),
    30_000,
    "Milliseconds after which an export of metrics times out.",
  ),
  prometheusHost: option("OTEL_EXPORTER_PROMETHEUS_HOST", host, "127.0.0.1", "Address `/metrics` listens on."),
  prometheusPort: option(
    "OTEL_EXPORTER_PROMETHEUS_PORT",
    whole(0, 65_535),
    9464,
    "Port `/metrics` listens on; the workers of a cluster take one each, counting up from it; 0 takes any free port.",
  ),
  metricAliases: option(
    "STRATASCOPE_METRIC_ALIASES",
    words(...ALIAS_SETS),
    [],
    "Names of other systems, by their prefix, that `/metrics` has beside ours for the same values: `db_get_operations_total`, `streamhouse_cache_hits_total`. See [the table](../../collector-config/ALIASES.md).",
  ),
  sampler: optional(
    "OTEL_TRACES_SAMPLER",
    choice(...SAMPLERS),
    "Sampler of traces; defaults to the preset of `deployment.environment.name`.",
  ),
  samplerRatio: option("OTEL_TRACES_SAMPLER_ARG", ratio, 1, "Ratio of traces a ratio sampler records."),
  backgroundRatio: option(
    "STRATASCOPE_BACKGROUND_RATIO",
    ratio,
    1,
    "Ratio of runs of background work, such as a compaction, that are recorded as traces of their own: at most 60 a minute of each kind and instance, and none if the sampler records no new trace.",
  ),
  propagators: option(
    "OTEL_PROPAGATORS",
    words("tracecontext", "baggage", "b3", "b3multi", "jaeger", "xray", "none"),
    ["tracecontext", "baggage"],
    "Propagators of context in headers. All except W3C's `tracecontext` and `baggage` require the application to install OpenTelemetry's package.",
  ),
  spanQueueSize: option(
    "OTEL_BSP_MAX_QUEUE_SIZE",
    whole(1),
    2048,
    "Maximum number of spans kept until they are sent; further ones are dropped.",
  ),
  spanBatchSize: option("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", whole(1), 512, "Maximum number of spans in a batch."),
  spanDelay: option(
    "OTEL_BSP_SCHEDULE_DELAY",
    milliseconds(0),
    5_000,
    "Milliseconds after which a batch of spans is sent even if it is not full.",
  ),
  spanTimeout: option(
    "OTEL_BSP_EXPORT_TIMEOUT",
    milliseconds(1),
    30_000,
    "Milliseconds after which an export of spans times out.",
  ),
  logQueueSize: option(
    "OTEL_BLRP_MAX_QUEUE_SIZE",
    whole(1),
    2048,
    "Maximum number of log records kept until they are sent; further ones are dropped.",
  ),
  logBatchSize: option("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", whole(1), 512, "Maximum number of log records in a batch."),
  logDelay: option(
    "OTEL_BLRP_SCHEDULE_DELAY",
    milliseconds(0),
    1_000,
    "Milliseconds after which a batch of log records is sent even if it is not full.",
  ),
  logTimeout: option(
    "OTEL_BLRP_EXPORT_TIMEOUT",
    milliseconds(1),
    30_000,
    "Milliseconds after which an export of log records times out.",
  ),
  attributeCountLimit: option(
    "OTEL_ATTRIBUTE_COUNT_LIMIT",
    whole(0),
    128,
    "Maximum number of attributes of a span or log record.",
  ),
  attributeLengthLimit: option(
    "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    whole(0),
    Infinity,
    "Maximum number of characters of an attribute value.",
  ),
  spanEventLimit: option("OTEL_SPAN_EVENT_COUNT_LIMIT", whole(0), 128, "Maximum number of events of a span."),
  spanLinkLimit: option("OTEL_SPAN_LINK_COUNT_LIMIT", whole(0), 128, "Maximum number of links of a span."),
  spans: option(
    "STRATASCOPE_SPANS",
    choice(...SPAN_MODES),
    "slow",
    "Storage operations recorded as spans: `slow` and failed ones and transactions, `all`, or none with `off`.",
  ),
  spanBudget: option(
    "STRATASCOPE_SPAN_BUDGET",
    whole(0),
    20,
    "Maximum number of spans of transactions, searches, checkpoints, snapshots and compactions within one span; beyond it, only slow and failed ones get a span, and the others are counted on the enclosing span. 0 disables the limit.",
  ),
  slowSpanMilliseconds: option(
    "STRATASCOPE_SLOW_SPAN_MS",
    amount,
    1,
    "Milliseconds after which an operation is slow enough for a span.",
  ),
  slowOperationMilliseconds: option(
    "STRATASCOPE_SLOW_OPERATION_MS",
    amount,
    100,
    "Milliseconds after which an operation is reported as slow; 0 disables.",
  ),
  blockedMilliseconds: option(
    "STRATASCOPE_BLOCKED_MS",
    amount,
    50,
    "Milliseconds after which a call is reported as blocking the event loop; 0 disables.",
  ),
  longOpenMilliseconds: option(
    "STRATASCOPE_LONG_OPEN_MS",
    amount,
    1000,
    "Milliseconds after which an open transaction or iteration is reported; 0 disables.",
  ),
  repeatedThreshold: option(
    "STRATASCOPE_REPEATED_THRESHOLD",
    whole(0),
    10,
    "Number of runs of one statement within one span at which they are reported as repeated (N+1); 0 disables.",
  ),
  timingPercent: option(
    "STRATASCOPE_TIMING_PERCENT",
    amount,
    1,
    "Maximum percentage of a thread's time spent on timing the operations of one database; if timing all would take more, one in N is timed. 0 times all. Counts are always exact.",
  ),
  spool: option(
    "STRATASCOPE_SPOOL",
    boolean,
    true,
    "Writes telemetry that was not sent when the process ends to a file, which the next start of the service sends.",
  ),
  spoolFolder: option(
    "STRATASCOPE_SPOOL_FOLDER",
    text,
    "",
    "Folder of these files; defaults to a folder of the user in the system's temporary directory.",
  ),
  spoolBytes: option(
    "STRATASCOPE_SPOOL_BYTES",
    whole(0),
    4 * 1024 * 1024,
    "Maximum bytes of each signal kept while it cannot be sent, in memory and in all such files of a service; the oldest are dropped.",
  ),
  tracesCopyEndpoint: optional(
    "STRATASCOPE_TRACES_COPY_ENDPOINT",
    url,
    "URL of a second OTLP receiver, such as `http://localhost:4318/v1/traces`, that gets a copy of each exported span over http/json at best effort: without retries, spool, proxy and the headers of the Collector.",
  ),
  http: option(
    "STRATASCOPE_HTTP",
    choice("on", "instrumentation-http", "off"),
    "on",
    "Instrumentation of incoming and outgoing HTTP requests: stratascope's own with `on`, `@opentelemetry/instrumentation-http`, or none with `off`.",
  ),
  ...LOG_OPTIONS,
  disabledEngines: option(
    "STRATASCOPE_DISABLED_ENGINES",
    list,
    [],
    "Engines that are not instrumented, separated by commas.",
  ),
  ...HEALTH_OPTIONS,
};

/** Settings in force. */
export type Config = { readonly [K in keyof typeof OPTIONS]: (typeof OPTIONS)[K]["fallback"] };

/**
 * Reads the settings from the environment. An invalid value is reported as one line that names the variable, the value
 * and the value used instead. Throws nothing.
 * @param overrides settings given in code, which take precedence
 */
export function readConfig(
  given: NodeJS.ProcessEnv = process.env,
  overrides: Partial<Config> = {},
): { config: Config; problems: string[] } {
  const environment = unpacked(given);
  const problems: string[] = [];
  const values = Object.entries(OPTIONS).map(([name, option]) => {
    if (name in overrides) return [name, undefined] as const;
    return [name, readOption(option as unknown as Option<unknown>, environment, problems)] as const;
  });
  return { config: Object.freeze({ ...(Object.fromEntries(values) as Config), ...overrides }), problems };
}

function readOption<T>(option: Option<T>, environment: NodeJS.ProcessEnv, problems: string[]): T {
  const { variable, kind, fallback } = option;
  const given = givenFor(option, environment);
  if (given === undefined) return fallback;
  const { value = fallback, problem } = kind.parse(given);
  if (problem !== undefined) {
    const shown = kind.isSecret === true ? variable : `${variable}="${kind.redact?.(given) ?? given}"`;
    problems.push(oneLine(`${shown} ${problem}; using ${showOr(kind.show, value)}`));
  }
  return value;
}

/** Reads a variable. OpenTelemetry treats an empty one as not set. */
function givenFor(
  { variable, isInLowerCase }: Pick<Option<unknown>, "variable" | "isInLowerCase">,
  environment: NodeJS.ProcessEnv,
): string | undefined {
  const names = isInLowerCase === true ? [variable.toLowerCase(), variable] : [variable];
  return names.map((name) => environment[name]?.trim()).find((given) => given !== undefined && given !== "");
}

/** Returns PM2's description of the application, if PM2 runs it. */
export const managed = (): ManagedApplication => managedApplication(process.env);

/** Encodes control characters, so that a text is one line. */
export const oneLine = (text: string): string => text.replace(/\p{Cc}/gu, (character) => encodeURIComponent(character));

const showOr = <T>(show: (value: T) => string, value: T): string => (value === undefined ? "the default" : show(value));
