import { HEALTH_OPTIONS } from "./health-options.ts";
import { LOG_LEVELS } from "../runtime/self-log.ts";
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
  whole,
  words,
  type Option,
} from "./option.ts";
import { managedApplication, unpacked, type ManagedApplication } from "../runtime/process-manager.ts";
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
  disabled: option("OTEL_SDK_DISABLED", boolean, false, "Turns everything off: nothing is patched, nothing is sent."),
  logLevel: option("OTEL_LOG_LEVEL", choice(...LOG_LEVELS), "warn", "How much stratascope and the SDK say on stderr."),
  configFile: option(
    "OTEL_CONFIG_FILE",
    text,
    "",
    "A declarative configuration file; it replaces the variables of the SDK below.",
  ),
  serviceName: option(
    "OTEL_SERVICE_NAME",
    text,
    "",
    "`service.name`; otherwise the name in the package.json of the application.",
  ),
  resourceAttributes: option(
    "OTEL_RESOURCE_ATTRIBUTES",
    pairs,
    {},
    "Attributes of the resource, `key=value,key=value`.",
  ),
  tracesExporters: option("OTEL_TRACES_EXPORTER", words("otlp", "console", "none"), ["otlp"], "Where spans go."),
  metricsExporters: option(
    "OTEL_METRICS_EXPORTER",
    words("otlp", "prometheus", "console", "none"),
    ["otlp", "prometheus"],
    "Where metrics go.",
  ),
  logsExporters: option("OTEL_LOGS_EXPORTER", words("otlp", "console", "none"), ["otlp"], "Where log records go."),
  ...OTLP_OPTIONS,
  exemplarFilter: option(
    "OTEL_METRICS_EXEMPLAR_FILTER",
    choice("trace_based", "always_off"),
    "trace_based",
    "Whether histograms keep an exemplar of sampled traces.",
  ),
  metricInterval: option(
    "OTEL_METRIC_EXPORT_INTERVAL",
    milliseconds(1),
    60_000,
    "Milliseconds between two pushes of metrics.",
  ),
  metricTimeout: option(
    "OTEL_METRIC_EXPORT_TIMEOUT",
    milliseconds(1),
    30_000,
    "Milliseconds a push of metrics may take.",
  ),
  prometheusHost: option("OTEL_EXPORTER_PROMETHEUS_HOST", host, "127.0.0.1", "The address `/metrics` listens on."),
  prometheusPort: option(
    "OTEL_EXPORTER_PROMETHEUS_PORT",
    whole(0, 65_535),
    9464,
    "The port `/metrics` listens on, and from which the workers of a cluster take one each; 0 takes any free one.",
  ),
  sampler: optional(
    "OTEL_TRACES_SAMPLER",
    choice(...SAMPLERS),
    "Which traces are recorded; otherwise the preset of `deployment.environment.name`.",
  ),
  samplerRatio: option("OTEL_TRACES_SAMPLER_ARG", ratio, 1, "The share of traces a ratio sampler records."),
  propagators: option(
    "OTEL_PROPAGATORS",
    words("tracecontext", "baggage", "b3", "b3multi", "jaeger", "xray", "none"),
    ["tracecontext", "baggage"],
    "How context travels in headers. For all but W3C's `tracecontext` and `baggage` the application installs OpenTelemetry's package.",
  ),
  spanQueueSize: option("OTEL_BSP_MAX_QUEUE_SIZE", whole(1), 2048, "Spans kept until they are sent; more are dropped."),
  spanBatchSize: option("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", whole(1), 512, "Spans sent at once."),
  spanDelay: option("OTEL_BSP_SCHEDULE_DELAY", milliseconds(0), 5_000, "Milliseconds a span waits for others."),
  spanTimeout: option("OTEL_BSP_EXPORT_TIMEOUT", milliseconds(1), 30_000, "Milliseconds sending spans may take."),
  logQueueSize: option(
    "OTEL_BLRP_MAX_QUEUE_SIZE",
    whole(1),
    2048,
    "Log records kept until they are sent; more are dropped.",
  ),
  logBatchSize: option("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", whole(1), 512, "Log records sent at once."),
  logDelay: option("OTEL_BLRP_SCHEDULE_DELAY", milliseconds(0), 1_000, "Milliseconds a log record waits for others."),
  logTimeout: option("OTEL_BLRP_EXPORT_TIMEOUT", milliseconds(1), 30_000, "Milliseconds sending log records may take."),
  attributeCountLimit: option("OTEL_ATTRIBUTE_COUNT_LIMIT", whole(0), 128, "Attributes a span or log record may have."),
  attributeLengthLimit: option(
    "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    whole(0),
    Infinity,
    "Characters an attribute may have.",
  ),
  spanEventLimit: option("OTEL_SPAN_EVENT_COUNT_LIMIT", whole(0), 128, "Events a span may have."),
  spanLinkLimit: option("OTEL_SPAN_LINK_COUNT_LIMIT", whole(0), 128, "Links a span may have."),
  spans: option(
    "STRATASCOPE_SPANS",
    choice(...SPAN_MODES),
    "slow",
    "Storage operations that become spans: `slow` and failed ones and transactions, `all`, or none with `off`.",
  ),
  spanBudget: option(
    "STRATASCOPE_SPAN_BUDGET",
    whole(0),
    20,
    "Spans of transactions, searches, checkpoints, snapshots and compactions inside of one span; of more, only slow and failed ones have a span, and the others are counted on it. 0 has no limit.",
  ),
  slowSpanMilliseconds: option(
    "STRATASCOPE_SLOW_SPAN_MS",
    amount,
    1,
    "Milliseconds from which an operation is slow enough for a span.",
  ),
  slowOperationMilliseconds: option(
    "STRATASCOPE_SLOW_OPERATION_MS",
    amount,
    100,
    "Milliseconds from which an operation is reported as slow; 0 disables.",
  ),
  blockedMilliseconds: option(
    "STRATASCOPE_BLOCKED_MS",
    amount,
    50,
    "Milliseconds from which a call is reported that blocks the event loop; 0 disables.",
  ),
  longOpenMilliseconds: option(
    "STRATASCOPE_LONG_OPEN_MS",
    amount,
    1000,
    "Milliseconds from which an open transaction or iteration is reported; 0 disables.",
  ),
  repeatedThreshold: option(
    "STRATASCOPE_REPEATED_THRESHOLD",
    whole(0),
    10,
    "Runs of one statement inside one span from which they are reported as repeated (N+1); 0 disables.",
  ),
  timingPercent: option(
    "STRATASCOPE_TIMING_PERCENT",
    amount,
    1,
    "Percent of a thread's time that timing the operations of one database may take; where it would be more, one in N is timed. 0 times all. Counts are exact either way.",
  ),
  spool: option(
    "STRATASCOPE_SPOOL",
    boolean,
    true,
    "Whether what was not sent when the process ends is written to a file, which the next start of the service sends.",
  ),
  spoolFolder: option(
    "STRATASCOPE_SPOOL_FOLDER",
    text,
    "",
    "Where these files are; otherwise a folder of the user's own among the temporary files of the system.",
  ),
  spoolBytes: option(
    "STRATASCOPE_SPOOL_BYTES",
    whole(0),
    4 * 1024 * 1024,
    "Bytes of each signal kept while it cannot be sent, in memory and in all such files of a service; the oldest is dropped.",
  ),
  http: option(
    "STRATASCOPE_HTTP",
    choice("on", "instrumentation-http", "off"),
    "on",
    "What traces and measures HTTP requests in and out: stratascope itself, `@opentelemetry/instrumentation-http`, or nothing.",
  ),
  ...LOG_OPTIONS,
  disabledEngines: option(
    "STRATASCOPE_DISABLED_ENGINES",
    list,
    [],
    "Engines that are left alone, separated by commas.",
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
