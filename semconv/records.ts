/** Reads what a registry says of the recording of its spans and events. */
import { RECORDED, SEVERITIES, type Event, type Measure, type Metric, type Records, type Span } from "./schema.ts";
import { RegistryError, type Entry } from "./source.ts";

/** Reads the metrics of a span: each a name, or a name and the attribute of the span that says the same. */
export function readRecords(annotations: Entry): Records {
  const records = annotations.entry("records").allow(...RECORDED);
  const measure = (key: string): Measure => {
    if (records.isText(key)) return { metric: records.text(key), attribute: undefined };
    const entry = records.entry(key).allow("metric", "attribute");
    return { metric: entry.text("metric"), attribute: entry.text("attribute") };
  };
  return Object.fromEntries(records.keys().map((key) => [key, measure(key)]));
}

/** Reads what the log records of an event say. */
export const readReport = (annotations: Entry): Event["report"] => ({
  severity: annotations.oneOf("severity", SEVERITIES),
  body: annotations.text("body"),
});

/**
 * Checks that what spans are recorded in is defined.
 * @throws RegistryError
 */
export function checkRecords(spans: readonly Span[], metrics: readonly Metric[], folder: string): void {
  for (const { type, attributes, records = {} } of spans) {
    for (const { metric, attribute } of Object.values(records)) {
      if (metrics.every(({ name }) => name !== metric))
        throw new RegistryError(`${folder}: span "${type}" records "${metric}", which is no metric`);
      if (attribute !== undefined && attributes.every(({ key }) => key !== attribute))
        throw new RegistryError(`${folder}: span "${type}" has no attribute "${attribute}"`);
    }
  }
}
