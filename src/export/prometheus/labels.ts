import type { Attributes } from "@opentelemetry/api";
import type { DataPoint, ScopeMetrics } from "@opentelemetry/sdk-metrics";
import { prometheusLabel } from "../../../semconv/prometheus-names.ts";
import { SCOPE } from "../../runtime/package-info.ts";

/** Maximum labels of a series and maximum characters of a label value. The rest is cut. */
const MAX_LABELS = 128;
const MAX_VALUE_LENGTH = 1024;

/** Returns the labels between the braces of a series; empty if there are none. */
export function seriesLabels({ attributes }: DataPoint<unknown>, scope: string): string {
  const own = labels(attributes);
  return own === "" || scope === "" ? own + scope : `${own},${scope}`;
}

/** Cached texts: the attribute sets of bound series never change. */
const labelTexts = new WeakMap<Attributes, string>();

/** Formats attributes as labels. */
export function labels(attributes: Attributes): string {
  let text = labelTexts.get(attributes);
  if (text === undefined) {
    text = renderLabels(attributes);
    labelTexts.set(attributes, text);
  }
  return text;
}

/** Labels of a line beside those of the point's attributes. */
const OWN_LABELS: ReadonlySet<string> = new Set([
  "le",
  "otel_scope_name",
  "otel_scope_version",
  "otel_scope_schema_url",
]);

/**
 * Returns the label of an attribute. One that would collide with our own labels is renamed, as Prometheus does with
 * labels of its own.
 */
function labelOf(key: string): string {
  const label = prometheusLabel(key);
  return OWN_LABELS.has(label) ? `exported_${label}` : label;
}

/**
 * Formats attributes as labels. The values of keys that become one label are joined in the order of the keys, as the
 * specification requires.
 */
function renderLabels(attributes: Attributes): string {
  const values = new Map<string, string>();
  for (const key of Object.keys(attributes).sort().slice(0, MAX_LABELS)) {
    const label = labelOf(key);
    const text = valueText(attributes[key]);
    const earlier = values.get(label);
    values.set(label, earlier === undefined ? text : `${earlier};${text}`);
  }
  // In an order that does not depend on the keys: the same labels are the same series.
  const sorted = [...values].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([label, value]) => `${label}="${escapeLabel(value)}"`).join(",");
}

function valueText(value: unknown): string {
  if (typeof value === "string") return value;
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return "";
  }
}

/**
 * Escapes a label value. It is cut before escaping, so that a long value is not escaped in full. Invalid Unicode is
 * replaced before series are compared.
 */
function escapeLabel(value: string): string {
  const text = value.length > MAX_VALUE_LENGTH ? `${value.slice(0, MAX_VALUE_LENGTH - 1)}…` : value;
  return text.toWellFormed().replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}

/**
 * Formats the identifying attributes of a scope as labels. Ours are without the schema URL, although the specification
 * of the exporter has it: it says what the version says, and makes a page a quarter longer.
 */
export function scopeLabels({ name, version, schemaUrl }: ScopeMetrics["scope"]): string {
  const schema = name === SCOPE.name ? undefined : schemaUrl;
  const parts = { otel_scope_name: name, otel_scope_version: version, otel_scope_schema_url: schema };
  return Object.entries(parts)
    .filter(([, value]) => Boolean(value))
    .map(([label, value]) => `${label}="${escapeLabel(valueText(value))}"`)
    .join(",");
}
