import type { ReceivedLog, ReceivedMetric, ReceivedPoint, ReceivedSpan, Receiver } from "./receiver.ts";
import type { Page, Sample } from "./scrape.ts";

type Attributes = Readonly<Record<string, unknown>>;

/** Placeholders of attributes and labels that differ from run to run, by machine or by version. */
const PLACEHOLDERS: readonly (readonly [name: RegExp, placeholder: string])[] = [
  [/[._](time|age)$/, "<seconds>"],
  [/\.port$/, "<port>"],
  [/^(host_\w+|os_\w+|process_pid|service_instance_id)$/, "<text>"],
  [/^(otel_scope|process_runtime|telemetry_\w+)_version$/, "<version>"],
];

/** Seconds from which a wait for a lock is one that the application asked for; a busy machine causes shorter ones. */
const MIN_WAIT = 0.3;
const WAIT = "storage.rollup.wait_time";
const HAS_TRANSACTIONS = "storage.rollup.transaction.operations";

function shownValue(key: string, value: unknown): string {
  const [, placeholder] = PLACEHOLDERS.find(([name]) => name.test(key)) ?? [];
  if (Array.isArray(value)) return `[${value.map((each) => placeholder ?? String(each)).join(", ")}]`;
  return placeholder ?? String(value);
}

function attributesText(attributes: Attributes, shown: Readonly<Record<string, string>> = {}): string {
  const keys = Object.keys({ ...attributes, ...shown }).sort();
  return keys.map((key) => `${key}=${shown[key] ?? shownValue(key, attributes[key])}`).join(" ");
}

/** Formats the attributes of a span, except for short waits of transactions, which depend on the machine. */
function spanAttributes({ attributes }: ReceivedSpan): string {
  const isSure = !(HAS_TRANSACTIONS in attributes) || Number(attributes[WAIT] ?? 0) >= MIN_WAIT;
  return attributesText(attributes, isSure ? {} : { [WAIT]: "<seconds or none>" });
}

/** Formats the name of a span, with the target of a request. */
const spanName = ({ name, attributes }: ReceivedSpan): string =>
  [name, attributes["url.path"]].filter((part) => part !== undefined).join(" ");

function nameIn(spans: readonly ReceivedSpan[], id: string | undefined): string | undefined {
  const span = spans.find(({ spanId }) => spanId === id);
  return span && spanName(span);
}

const enumeral = (value: unknown, prefix: string): string =>
  String(value ?? "")
    .replace(prefix, "")
    .toLowerCase();

/** Formats the spans below a parent as a tree, in the order of their starts. */
function spanLines(spans: readonly ReceivedSpan[], isBelow: (span: ReceivedSpan) => boolean, indent = ""): string[] {
  const starts = (span: ReceivedSpan): bigint => BigInt(span.startTimeUnixNano);
  return spans
    .filter(isBelow)
    .sort((a, b) => (starts(a) < starts(b) ? -1 : 1))
    .flatMap((span) => {
      const { parentSpanId, spanId: id, kind, scope, status, links = [], events = [] } = span;
      const isRemote = Boolean(parentSpanId) && nameIn(spans, parentSpanId) === undefined;
      const state = [enumeral(status.code, "STATUS_CODE_"), status.message];
      const heading = [spanName(span), enumeral(kind, "SPAN_KIND_"), scope, ...state, isRemote && "remote parent"];
      return [
        `${indent}${heading.filter(Boolean).join(" | ")} | ${spanAttributes(span)}`,
        ...links.map(({ spanId }) => `${indent}  link to ${nameIn(spans, spanId) ?? "a remote span"}`),
        ...events.map(({ name, attributes }) => `${indent}  event ${name} ${attributesText(attributes)}`),
        ...spanLines(spans, ({ parentSpanId }) => parentSpanId === id, `${indent}  `),
      ];
    });
}

/** Formats all traces, each from the first span of this process. */
function traceLines(spans: readonly ReceivedSpan[]): string[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  return spanLines(spans, ({ parentSpanId }) => !ids.has(parentSpanId ?? ""));
}

/** Metrics, by their Prometheus names, whose values depend on the machine, except for counts of failures. */
const MEASURED =
  /^(process_|otel_sdk_|storage_instrumentation_(time|backlog)|storage_lock_|storage_transaction_commit_off_cpu_)/;

/** Metrics with a series of 0 for each operation that took a tenth of their threshold, which depends on the machine. */
const OF_LONG_RUNS = /^storage_(operation_slow|eventloop_blocked_time)/;

function seriesText(metric: string, labels: string, value: number, isFailure: boolean): string {
  const isByChance = value === 0 && OF_LONG_RUNS.test(metric.replaceAll(".", "_"));
  return `  ${isByChance ? "<series>" : labels} = ${valueText(metric, value, { isFailure })}`;
}

/** Formats a value, or its type if it differs from run to run. */
function valueText(metric: string, value: number, { isCount = false, isFailure = false } = {}): string {
  const name = metric.replaceAll(".", "_");
  if (!isFailure && MEASURED.test(name)) return isCount ? "<count>" : "<number>";
  if (isCount || value === 0) return String(value);
  if (/_timestamp(_seconds)?$/.test(name)) return "<timestamp>";
  return SECONDS.test(name) ? "<seconds>" : String(value);
}

/** Prometheus names of metrics in seconds; over OTLP, the unit is a field. */
const SECONDS = /_seconds(_total)?$/;

function pointText({ name, unit }: ReceivedMetric, point: ReceivedPoint): string {
  const named = unit === "s" && !SECONDS.test(name) ? `${name}.seconds` : name;
  const isFailure = "error.type" in point.attributes;
  const labels = attributesText(point.attributes);
  const { count, sum = 0, bucketCounts } = point;
  if (count === undefined) return seriesText(named, labels, Number(point.asInt ?? point.asDouble), isFailure);
  const number = valueText(named, Number(count), { isCount: true, isFailure });
  const counts = unit === "s" ? `<${bucketCounts?.length} counts>` : String(bucketCounts);
  return `  ${labels} = count ${number} sum ${valueText(named, sum, { isFailure })} buckets ${counts}`;
}

const TEMPORALITIES = [undefined, "delta", "cumulative"];

/** Formats a metric and its series. */
function metricLines(metric: ReceivedMetric): string[] {
  const { name, unit, type, isMonotonic, temporality, description, scope, points } = metric;
  const [first] = points;
  const kind = first?.count === undefined ? (first?.asInt === undefined ? "double" : "int") : "";
  const aggregation = TEMPORALITIES[Number(temporality)];
  const heading = [type, isMonotonic && "monotonic", aggregation, kind, unit, scope, description].filter(Boolean);
  const bounds = first?.explicitBounds === undefined ? [] : [`  bounds ${first.explicitBounds.join(", ")}`];
  const series = new Set(points.map((point) => pointText(metric, point)));
  return [`${name} | ${heading.join(" | ")}`, ...bounds, ...[...series].sort()];
}

function metricsText({ latest }: Receiver): string[] {
  return [...latest.values()].sort((a, b) => (a.name < b.name ? -1 : 1)).flatMap(metricLines);
}

function logText(log: ReceivedLog, spans: readonly ReceivedSpan[]): string {
  const { eventName, severityText, severityNumber, scope, spanId } = log;
  const body = String(log.body).replace(/\d+(\.\d+)? (ms|s)\b/g, "<duration> $2");
  const heading = [eventName, severityText, severityNumber, scope, `in ${nameIn(spans, spanId) ?? "no span"}`];
  return `${heading.join(" | ")} | ${body} | ${attributesText(log.attributes)}`;
}

const labelsText = (labels: Sample["labels"]): string => `{${attributesText(labels)}}`;

const sampleText = (family: string, { labels, value }: Sample): string =>
  seriesText(family, labelsText(labels), value, "error_type" in labels);

interface HistogramSeries {
  readonly isFailure: boolean;
  count: number;
  sum: number;
  readonly buckets: number[];
  hasExemplars: boolean;
}

/** Formats the series of a family of histograms, which have the same bounds. */
function histogramLines(family: string, samples: readonly Sample[]): string[] {
  const bounds = new Set<string>();
  const all = new Map<string, HistogramSeries>();
  for (const { name, labels, value, exemplar } of samples) {
    const { le, ...others } = labels;
    const key = labelsText(others);
    const isFailure = "error_type" in labels;
    const series = all.get(key) ?? { isFailure, count: 0, sum: 0, buckets: [], hasExemplars: false };
    all.set(key, series);
    if (name.endsWith("_sum")) series.sum = value;
    else if (name.endsWith("_count")) series.count = value;
    else {
      bounds.add(le!);
      series.buckets.push(value);
      series.hasExemplars ||= exemplar !== undefined;
    }
  }
  const lines = Array.from(all, ([key, series]) => `  ${key} ${histogramText(family, series)}`);
  return [`  bounds ${[...bounds].join(", ")}`, ...lines.sort()];
}

function histogramText(family: string, { isFailure, count, sum, buckets, hasExemplars }: HistogramSeries): string {
  const number = valueText(family, count, { isCount: true, isFailure });
  const counts = SECONDS.test(family) ? `<${buckets.length} counts>` : String(buckets);
  const exemplars = hasExemplars && number !== "<count>" ? " exemplars" : "";
  return `count ${number} sum ${valueText(family, sum, { isFailure })} buckets ${counts}${exemplars}`;
}

function pageText({ text, types, samples }: Page): string[] {
  const help = new Map(Array.from(text.matchAll(/^# HELP (\S+) (.*)$/gm), ([, name, words]) => [name, words]));
  return [...types.keys()].sort().flatMap((family) => {
    const type = types.get(family)!;
    const own = samples.filter(({ name }) =>
      type === "histogram"
        ? /^(.*)_(bucket|count|sum)$/.exec(name)?.[1] === family
        : [family, `${family}_total`, `${family}_info`].includes(name),
    );
    const lines =
      type === "histogram" ? histogramLines(family, own) : own.map((sample) => sampleText(family, sample)).sort();
    return [`${family} | ${type} | ${help.get(family) ?? ""}`, ...new Set(lines)];
  });
}

/**
 * Formats everything that a receiver got, and a page of OpenMetrics if given, as text that is the same for the same work: a value
 * that differs from run to run is replaced by its type.
 */
export function golden(receiver: Receiver, page?: Page): string {
  const { spans, logs } = receiver;
  const parts = {
    spans: traceLines(spans),
    "log records": logs.map((log) => logText(log, spans)),
    metrics: metricsText(receiver),
    ...(page && { "/metrics": pageText(page) }),
  };
  return Object.entries(parts)
    .map(([title, lines]) => [`# ${title}`, "", ...lines, ""].join("\n"))
    .join("\n");
}

/** Returns the lines in which two texts differ. */
export function changedLines(before: string, now: string): string[] {
  const linesOnlyIn = (text: string, other: string): string[] => {
    const others = new Set(other.split("\n"));
    return text.split("\n").filter((line) => !others.has(line));
  };
  return [
    ...linesOnlyIn(before, now).map((line) => `- ${line}`),
    ...linesOnlyIn(now, before).map((line) => `+ ${line}`),
  ];
}
