import { prometheusName } from "../prometheus-names.ts";
import type { Attribute, AttributeUse, Event, Metric, Registry, Span } from "../schema.ts";

/** Writes semconv/README.md: the reference of all telemetry, for people. */
export function emitReference(registry: Registry): string {
  return [
    "<!-- Generated from semconv/registry by `npm run generate`. Do not edit. -->",
    "# Telemetry reference",
    "Every metric, span, event and attribute stratascope emits. A name of OpenTelemetry's own conventions is used wherever one exists (marked *OTel*).",
    [
      `The schema URL \`${registry.schemaUrl}\` of every scope identifies the version of these names. Nothing is served at that`,
      "address, so what would fetch the schema file there, such as the Collector's `schema` processor, finds none; the file is in the",
      `package, as \`semconv/schema/${registry.version}.yaml\`. On \`/metrics\` the label \`otel_scope_version\` says the same, and \`otel_scope_schema_url\``,
      "is left out. What earlier versions called otherwise is in [the migrations](MIGRATIONS.md).",
    ].join("\n"),
    "## Metrics",
    ...registry.metrics.map(metricSection),
    "## Spans",
    ...registry.spans.map(spanSection),
    "## Events",
    "Log records with an event name, in the context of the span they are about.",
    ...registry.events.map(eventSection),
    "## Attributes",
    attributeTable(registry.attributes),
    "",
  ].join("\n\n");
}

const row = (...cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

const table = (head: readonly string[], rows: readonly string[]): string =>
  [row(...head), row(...head.map(() => "---")), ...rows].join("\n");

const code = (text: string): string => `\`${text}\``;

const title = (name: string, upstream: boolean): string => `### ${code(name)}${upstream ? " *OTel*" : ""}`;

function metricSection(metric: Metric): string {
  const buckets =
    metric.boundaries === undefined ? "" : `\n\nBuckets (${metric.unit}): ${metric.boundaries.join(", ")}.`;
  return [
    title(metric.name, metric.upstream),
    `${metric.brief}\n\n${metric.instrument}, ${metric.valueType}, unit ${code(metric.unit)}, in Prometheus ${code(prometheusName(metric))}.${buckets}`,
    useTable(metric.attributes),
  ].join("\n\n");
}

function spanSection(span: Span): string {
  const name = span.name === undefined ? "" : `, named ${code(span.name)}`;
  return [
    title(span.type, span.upstream),
    `${span.brief}\n\n${span.kind} span${name}.`,
    useTable(span.attributes),
  ].join("\n\n");
}

const eventSection = ({ name, brief, attributes }: Event): string =>
  [title(name, false), brief, useTable(attributes)].join("\n\n");

const useTable = (uses: readonly AttributeUse[]): string =>
  table(
    ["attribute", "requirement", "note"],
    uses.map(({ key, requirement, note }) => row(code(key), requirement, note ?? "")),
  );

const attributeTable = (attributes: readonly Attribute[]): string =>
  table(
    ["attribute", "type", "meaning", "values"],
    attributes.map(({ key, type, brief, examples }) =>
      typeof type === "string"
        ? row(code(key), type, brief, `for example ${examples.map((example) => code(String(example))).join(", ")}`)
        : row(
            code(key),
            "enum",
            brief,
            type.map(({ value, brief: meaning }) => `${code(value)}: ${meaning}`).join("<br>"),
          ),
    ),
  );
