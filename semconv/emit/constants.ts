import type { Attribute, Event, Metric, Registry } from "../schema.ts";

/** `storage.file.type` → `STORAGE_FILE_TYPE`, the spelling of OpenTelemetry's own packages. */
const constantOf = (name: string): string => name.replace(/[.-]/g, "_").toUpperCase();

const quote = (text: string): string => JSON.stringify(text);

const doc = (text: string): string => `/** ${text} */`;

/** The text of semconv/index.ts: names, enum values and typed instrument definitions. */
export function emitConstants(registry: Registry): string {
  const keys = new Set(registry.attributes.map(({ key }) => key));
  for (const { attributes } of [...registry.metrics, ...registry.spans, ...registry.events]) {
    for (const { key } of attributes) keys.add(key);
  }
  return [
    "// Generated from semconv/registry by `npm run generate`. Do not edit.\n",
    `${doc("Identifies the version of the names below. Nothing is served there; the package has the file.")}\nexport const SCHEMA_URL = ${quote(registry.schemaUrl)};\n`,
    DEFINITION_TYPES,
    ...[...keys].sort().map((key) =>
      emitAttribute(
        key,
        registry.attributes.find((own) => own.key === key),
      ),
    ),
    ...registry.metrics.map(emitMetric),
    ...registry.events.map(emitEvent),
    `${doc("Every metric, by name.")}\nexport type MetricDefinition = ${registry.metrics.map((m) => `typeof METRIC_${constantOf(m.name)}`).join(" | ")};\n`,
  ].join("\n");
}

const DEFINITION_TYPES = `/** An attribute set that fits a metric: its attributes and no others. */
export type AttributesOf<D extends { readonly attributes: readonly string[] }> = {
  readonly [K in D["attributes"][number]]?: string | number | boolean | undefined;
};
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
