import type { ReceivedMetric, ReceivedSpan, Receiver } from "./receiver.ts";

/** Attributes that differ from run to run, and what stands for them. */
const VOLATILE = /(\.time$|\.port$|^server\.address$|^url\.full$|^db\.namespace$)/;

/** Metrics of whole numbers that differ from run to run: what is measured, or by chance, and what was on its way at the end. */
const MEASURED =
  /^(storage\.(space\.usage|transaction\.commit\.off_cpu\.duration|instrumentation\.backlog|lock\.retries|lock\.wait\.duration)|process\.disk\.io|otel\.sdk\..*)$/;

function attributesText(attributes: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  return pairs.map(([key, value]) => `${key}=${VOLATILE.test(key) ? "*" : String(value)}`).join(" ");
}

/** The spans of a trace as a tree, in the order of their starts. */
function spanLines(spans: readonly ReceivedSpan[], parent: string | undefined, indent: string): string[] {
  const starts = (span: ReceivedSpan): bigint => BigInt(span.startTimeUnixNano);
  const children = spans.filter(({ parentSpanId }) => (parentSpanId === "" ? undefined : parentSpanId) === parent);
  return children
    .sort((a, b) => (starts(a) < starts(b) ? -1 : 1))
    .flatMap((span) => {
      const name = span.name.replace(/dictionary-\d+/, "*");
      const status = span.status.code?.endsWith("ERROR") ? " ERROR" : "";
      const line = `${indent}${name} ${span.kind.replace("SPAN_KIND_", "")}${status} ${attributesText(span.attributes)}`;
      return [line, ...spanLines(spans, span.spanId, `${indent}  `)];
    });
}

/** A metric and what each series counted. */
function metricLines({ name, unit, type, isMonotonic, points }: ReceivedMetric): string[] {
  const series = points.map(({ attributes, count, asInt }) => {
    const value = MEASURED.test(name) ? "*" : (count ?? asInt ?? "*");
    return `  ${attributesText(attributes)} ${String(value)}`;
  });
  return [`${name} ${type}${isMonotonic ? " monotonic" : ""} ${unit}`, ...series.sort()];
}

/** What a receiver got, as text that is the same for the same work. */
export function golden({ spans, latest }: Receiver): string {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const roots = spans.map((span) =>
    span.parentSpanId && !ids.has(span.parentSpanId) ? { ...span, parentSpanId: "" } : span,
  );
  const metrics = [...latest.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return [...metrics.flatMap(metricLines), "", ...spanLines(roots, undefined, ""), ""].join("\n");
}
