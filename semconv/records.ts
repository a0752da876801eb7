/** Reader of the annotations that say which metrics and log records its spans and events are recorded in. */
import { RECORDED, SEVERITIES, type Event, type Measure, type Records, type Registry } from "./schema.ts";
import { RegistryError, type Entry } from "./source.ts";

/** Reads the metrics of a span: each a name, or a name and the span attribute with the same value. */
export function readRecords(annotations: Entry): Records {
  const records = annotations.entry("records").allow(...RECORDED);
  const measure = (key: string): Measure => {
    if (records.isText(key)) return { metric: records.text(key), attribute: undefined };
    const entry = records.entry(key).allow("metric", "attribute");
    return { metric: entry.text("metric"), attribute: entry.text("attribute") };
  };
  return Object.fromEntries(records.keys().map((key) => [key, measure(key)]));
}

/** Reads the severity and body of the log records of an event, and the counter of its occurrences. */
export const readReport = (annotations: Entry): Event["report"] => ({
  severity: annotations.oneOf("severity", SEVERITIES),
  body: annotations.text("body"),
  counted: annotations.optionalText("counted"),
});

/**
 * Checks that the metrics that spans and events are recorded in are defined.
 * @throws RegistryError
 */
export function checkRecords(
  { spans, events, metrics }: Pick<Registry, "spans" | "events" | "metrics">,
  folder: string,
): void {
  for (const { name, report } of events) {
    const counter = metrics.find((metric) => metric.name === report?.counted);
    if (report?.counted !== undefined && counter?.instrument !== "counter")
      throw new RegistryError(`${folder}: event "${name}" is counted by "${report.counted}", which is no counter`);
  }
  for (const { type, attributes, records = {} } of spans) {
    for (const { metric, attribute } of Object.values(records)) {
      if (metrics.every(({ name }) => name !== metric))
        throw new RegistryError(`${folder}: span "${type}" records "${metric}", which is no metric`);
      if (attribute !== undefined && attributes.every(({ key }) => key !== attribute))
        throw new RegistryError(`${folder}: span "${type}" has no attribute "${attribute}"`);
    }
  }
}
