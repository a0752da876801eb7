import type { MetricData } from "@opentelemetry/sdk-metrics";
import { ValueType, type Attributes } from "@opentelemetry/api";
import { loadRegistry } from "../../semconv/resolve.ts";
import type { Span } from "../../semconv/schema.ts";
import type { ReceivedLog, ReceivedMetric, ReceivedSpan } from "./receiver.ts";
import { ROOT } from "./app.ts";

const registry = loadRegistry(`${ROOT}/semconv/registry`);
const metrics = new Map(registry.metrics.map((metric) => [metric.name, metric]));

/** Emitted telemetry in a form that does not depend on the way it was received. */
interface Emitted {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly type: string;
  readonly valueType: string;
  readonly attributes: readonly (readonly string[])[];
}

/** Attributes that an SDK adds by itself. */
const OF_THE_SDK = new Set(["otel.metric.overflow"]);

function problemsOf(emitted: Emitted): string[] {
  const metric = metrics.get(emitted.name);
  if (metric === undefined) return [`metric ${emitted.name} is not in the registry`];
  const expected = {
    unit: metric.unit,
    description: metric.brief,
    type: metric.instrument,
    valueType: metric.valueType,
  };
  const differences = Object.entries(expected).filter(([key, value]) => emitted[key as keyof Emitted] !== value);
  const known = new Set(metric.attributes.map(({ key }) => key));
  const required = metric.attributes.filter(({ requirement }) => requirement === "required").map(({ key }) => key);
  const series = emitted.attributes.filter((keys) => !keys.some((key) => OF_THE_SDK.has(key)));
  return [
    ...differences.map(
      ([key, value]) => `${emitted.name}: ${key} is ${String(emitted[key as keyof Emitted])}, registered as ${value}`,
    ),
    ...series.flatMap((keys) =>
      keys.filter((key) => !known.has(key)).map((key) => `${emitted.name}: attribute ${key} is not registered`),
    ),
    ...series.flatMap((keys) =>
      required.filter((key) => !keys.includes(key)).map((key) => `${emitted.name}: attribute ${key} is missing`),
    ),
  ];
}

const unique = (problems: readonly string[]): string[] => [...new Set(problems)];

/** Tells whether a series is of an engine that a test has made up, whose telemetry is not complete. */
const isMadeUp = ({ attributes }: { readonly attributes: Attributes }): boolean =>
  /^test\b/.test(String(attributes["db.system.name"]));

/** Lists the differences of collected metrics from the registry, of engines that are not made up. */
export function unregistered(collected: readonly MetricData[]): string[] {
  return unique(
    collected.flatMap((metric) => {
      const series = metric.dataPoints.filter((point) => !isMadeUp(point));
      if (series.length === 0 && metric.dataPoints.length > 0) return [];
      return problemsOf({
        name: metric.descriptor.name,
        unit: metric.descriptor.unit,
        description: metric.descriptor.description,
        type: typeOf(metric),
        valueType: metric.descriptor.valueType === ValueType.INT ? "int" : "double",
        attributes: series.map(({ attributes }) => Object.keys(attributes)),
      });
    }),
  );
}

function typeOf(metric: MetricData): string {
  if ("isMonotonic" in metric) return metric.isMonotonic ? "counter" : "updowncounter";
  return metric.dataPoints.some(({ value }) => typeof value === "object") ? "histogram" : "gauge";
}

/** Lists the differences of metrics received over OTLP from the registry. */
export function unregisteredMetrics(received: readonly ReceivedMetric[]): string[] {
  const types = { sum: "updowncounter", gauge: "gauge", histogram: "histogram", exponentialHistogram: "histogram" };
  return unique(
    received.flatMap((metric) =>
      problemsOf({
        name: metric.name,
        unit: metric.unit,
        description: metric.description,
        type: metric.isMonotonic ? "counter" : types[metric.type],
        // OTLP sends the sum of a histogram as a double, whatever was recorded.
        valueType: metric.points.every(({ asInt, asDouble }) => asInt === undefined && asDouble === undefined)
          ? (metrics.get(metric.name)?.valueType ?? "")
          : metric.points.every(({ asInt }) => asInt !== undefined)
            ? "int"
            : "double",
        attributes: metric.points.map(({ attributes }) => Object.keys(attributes)),
      }),
    ),
  );
}

const KINDS: Readonly<Record<string, Span["kind"]>> = {
  SPAN_KIND_CLIENT: "client",
  SPAN_KIND_SERVER: "server",
  SPAN_KIND_INTERNAL: "internal",
};

/** Spans of layers, by the first word of their names. */
const LAYER_SPANS = new Map(
  registry.spans
    .filter(({ type, kind }) => type.startsWith("storage.") && kind === "internal")
    .map((span) => [span.name!.split(" ")[0]!, span.type]),
);

/** Returns the span type of a received span in the registry. */
function spanType({ kind, name, attributes }: ReceivedSpan): Span | undefined {
  const type =
    "http.request.method" in attributes
      ? `http.${KINDS[kind] ?? ""}`
      : kind === "SPAN_KIND_INTERNAL" && LAYER_SPANS.has(name.split(" ")[0]!)
        ? LAYER_SPANS.get(name.split(" ")[0]!)
        : "db.system.name" in attributes
          ? "db.client"
          : undefined;
  return registry.spans.find((span) => span.type === type);
}

/** Lists the differences of spans received over OTLP from the registry. */
export function unregisteredSpans(spans: readonly ReceivedSpan[]): string[] {
  return unique(
    spans.flatMap((span) => {
      const type = spanType(span);
      if (type === undefined) return [`span ${span.name} of ${span.scope} is not in the registry`];
      const known = new Set(type.attributes.map(({ key }) => key));
      const required = type.attributes.filter(({ requirement }) => requirement === "required").map(({ key }) => key);
      return [
        ...(KINDS[span.kind] === type.kind
          ? []
          : [`span ${span.name}: kind is ${span.kind}, registered as ${type.kind}`]),
        ...Object.keys(span.attributes)
          .filter((key) => !known.has(key))
          .map((key) => `span ${type.type}: attribute ${key} is not registered`),
        ...required
          .filter((key) => !(key in span.attributes))
          .map((key) => `span ${type.type}: attribute ${key} is missing`),
      ];
    }),
  );
}

/** Lists the differences of our log records received over OTLP from the events of the registry. */
export function unregisteredEvents(logs: readonly Pick<ReceivedLog, "eventName" | "attributes">[]): string[] {
  return unique(
    logs.flatMap(({ eventName, attributes }) => {
      const event = registry.events.find(({ name }) => name === eventName);
      if (event === undefined) return [`event ${String(eventName)} is not in the registry`];
      const known = new Set(event.attributes.map(({ key }) => key));
      const required = event.attributes.filter(({ requirement }) => requirement === "required").map(({ key }) => key);
      return [
        ...Object.keys(attributes)
          .filter((key) => !known.has(key))
          .map((key) => `event ${event.name}: attribute ${key} is not registered`),
        ...required
          .filter((key) => !(key in attributes))
          .map((key) => `event ${event.name}: attribute ${key} is missing`),
      ];
    }),
  );
}
