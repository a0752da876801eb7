import type { Attribute, Event, Measure, Metric, Registry, Span } from "../schema.ts";

/** Returns the name of a constant, spelled as in OpenTelemetry's packages: `storage.file.type` → `STORAGE_FILE_TYPE`. */
const constantOf = (name: string): string => name.replace(/[.-]/g, "_").toUpperCase();

const quote = (text: string): string => JSON.stringify(text);

const doc = (text: string): string => `/** ${text} */`;

/** Writes semconv/index.ts: names, enum values and typed instrument definitions. */
export function emitConstants(registry: Registry): string {
  const keys = new Set(registry.attributes.map(({ key }) => key));
  for (const { attributes } of [...registry.metrics, ...registry.spans, ...registry.events]) {
    for (const { key } of attributes) keys.add(key);
  }
  return [
    "// Generated from semconv/registry by `npm run generate`. Do not edit.\n",
    `${doc("Identifies the version of the names below. Nothing is served there; the package has the file.")}\nexport const SCHEMA_URL = ${quote(registry.schemaUrl)};\n`,
    DEFINITION_TYPES,
    SPAN_TYPES,
    ...[...keys].sort().map((key) =>
      emitAttribute(
        key,
        registry.attributes.find((own) => own.key === key),
      ),
    ),
    ...registry.metrics.map(emitMetric),
    ...registry.events.map(emitEvent),
    ...registry.events.filter(({ report }) => report !== undefined).map(emitEventKind),
    ...registry.spans.filter(({ name }) => name !== undefined).map(emitSpan),
    ...registry.spans.filter(({ records }) => records !== undefined).map(emitKind),
    `${doc("Every metric, by name.")}\nexport type MetricDefinition = ${registry.metrics.map((m) => `typeof METRIC_${constantOf(m.name)}`).join(" | ")};\n`,
  ].join("\n");
}

const DEFINITION_TYPES = `/** An attribute set that fits a metric: its attributes and no others. */
export type AttributesOf<D extends { readonly attributes: readonly string[] }> = {
  readonly [K in D["attributes"][number]]?: string | number | boolean | undefined;
};
`;

const SPAN_TYPES = `/** Span of the registry. */
export interface SpanDefinition {
  readonly kind: "client" | "server" | "internal" | "producer" | "consumer";
  /** Returns the name of a span with these attributes. */
  readonly name: (attributes: Readonly<Record<string, unknown>>) => string;
}

/** Metric, and the attribute of the span that has the same value. */
export interface Measure {
  readonly metric: MetricDefinition;
  readonly attribute?: string;
}

/** Kind of event: what its log records say. */
export interface EventKind {
  readonly name: string;
  readonly severity: "INFO" | "WARN" | "ERROR";
  readonly body: string;
  /** Counter of the events, those included of which no log record is emitted. */
  readonly counted?: MetricDefinition;
}

/** Kind of activity: its span, and the metrics that each of its runs is recorded in. */
export interface ActivityKind {
  readonly span: SpanDefinition;
  /** Histogram of durations. */
  readonly duration: Measure;
  /** Number of runs that have begun and not ended. */
  readonly active?: Measure;
  /** Age of the oldest of them, in seconds. */
  readonly oldestAge?: Measure;
  /** Time at which the last one succeeded. */
  readonly lastSuccess?: Measure;
  /** Number of what a run works on: pages, results, records. */
  readonly items?: Measure;
  readonly bytes?: Measure;
}
`;

function emitAttribute(key: string, own: Attribute | undefined): string {
  const constant = constantOf(key);
  const lines = own === undefined ? [] : [doc(own.brief)];
  lines.push(`export const ATTR_${constant} = ${quote(key)} as const;`);
  if (own !== undefined && typeof own.type !== "string") {
    for (const member of own.type) {
      lines.push(
        doc(member.brief),
        `export const ${constant}_VALUE_${constantOf(member.id)} = ${quote(member.value)} as const;`,
      );
    }
    const type = constant.toLowerCase().replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
    lines.push(`export type ${type} = ${own.type.map(({ value }) => quote(value)).join(" | ")};`);
  }
  return `${lines.join("\n")}\n`;
}

function emitMetric(metric: Metric): string {
  const fields = [
    `name: ${quote(metric.name)}`,
    `instrument: ${quote(metric.instrument)}`,
    `unit: ${quote(metric.unit)}`,
    `valueType: ${quote(metric.valueType)}`,
    `description: ${quote(metric.brief)}`,
    ...(metric.outlivesDatabase ? ["outlivesDatabase: true"] : []),
    ...(metric.boundaries === undefined ? [] : [`boundaries: [${metric.boundaries.join(", ")}]`]),
    `attributes: [${metric.attributes.map(({ key }) => quote(key)).join(", ")}]`,
  ];
  const body = fields.map((field) => `  ${field},`).join("\n");
  return `${doc(metric.brief)}\nexport const METRIC_${constantOf(metric.name)} = {\n${body}\n} as const;\n`;
}

const emitEvent = ({ name, brief }: Event): string =>
  `${doc(brief)}\nexport const EVENT_${constantOf(name)} = ${quote(name)} as const;\n`;

function emitEventKind({ name, report }: Event): string {
  const constant = constantOf(name);
  const counted = report!.counted === undefined ? "" : `  counted: METRIC_${constantOf(report!.counted)},\n`;
  return `${doc(`Kind of the event \`${name}\`.`)}\nexport const KIND_EVENT_${constant} = {\n  name: EVENT_${constant},\n  severity: ${quote(report!.severity)},\n  body: ${quote(report!.body)},\n${counted}} as const satisfies EventKind;\n`;
}

/** Emits a span with a function for its name, from a template such as `search {storage.search.index.name}`. */
function emitSpan({ type, kind, name, brief }: Span): string {
  const words = name!.split(" ").map((word) => /^\{(.+)\}$/.exec(word)?.[1] ?? word);
  const [first, key] = words;
  const value = `attributes[${quote(words.at(-1)!)}]`;
  const text =
    key === undefined
      ? `String(${value})`
      : `${value} === undefined ? ${quote(first!)} : \`${first} \${String(${value})}\``;
  return `${doc(brief)}\nexport const SPAN_${constantOf(type)}: SpanDefinition = {\n  kind: ${quote(kind)},\n  name: (attributes) => ${text},\n};\n`;
}

function emitKind({ type, records }: Span): string {
  const measure = ({ metric, attribute }: Measure): string =>
    `{ metric: METRIC_${constantOf(metric)}${attribute === undefined ? "" : `, attribute: ${quote(attribute)}`} }`;
  const fields = Object.entries(records!).map(([key, value]) => {
    const name = key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
    return `  ${name}: ${measure(value)},`;
  });
  return `${doc(`Kind of the span \`${type}\`.`)}\nexport const KIND_${constantOf(type)} = {\n  span: SPAN_${constantOf(type)},\n${fields.join("\n")}\n} as const satisfies ActivityKind;\n`;
}
