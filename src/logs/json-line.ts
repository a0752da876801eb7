import { isSpanContextValid, trace, type Context } from "@opentelemetry/api";
import { ATTR_REQUEST_DURATION } from "../../semconv/index.ts";
import { isMainThread, threadId, workerThreads } from "../runtime/thread.ts";
import { ancestorsOf } from "./span-ancestors.ts";
import { RESERVED, SERVICE_ATTRIBUTES, shortNameOf, toMilliseconds } from "../context/field-names.ts";
import { noFields } from "../context/log-fields.ts";
import { SEVERITY } from "../config/log-level.ts";
import type { LogSettings } from "./loggers.ts";
import { spanNames, type LogRecord } from "./record.ts";

/** Returns the name of this thread, which Node.js reports since 22.20 and 24.6. */
const threadName = (): string =>
  isMainThread ? "main" : ((workerThreads() as { threadName?: string }).threadName ?? `worker-${threadId()}`);

/** Fields in the order in which they are written. */
export type Line = Record<string, unknown>;

/** Returns a function that converts a record to fields. */
export function lineMaker({ config, resource, omitted }: LogSettings): (record: LogRecord) => Line {
  const nameOf = config.logNames === "short" ? shortNameOf : (attribute: string): string => attribute;
  const isShown = (field: string): boolean => !omitted.has(field);
  const who = SERVICE_ATTRIBUTES.filter((name) => resource[name] !== undefined && isShown(name)).map(
    (name): [string, unknown] => [nameOf(name), resource[name]],
  );
  const thread = Object.entries({ "thread.id": threadId(), "thread.name": threadName() }).filter(([name]) =>
    isShown(name),
  );
  const [hasScope, hasSpans] = ["scope", "spans"].map(isShown);

  return ({ time, level, subsystem, message, eventName, attributes, context }) => {
    const line = noFields();
    line["timestamp"] = new Date(time).toISOString();
    line["level"] = level;
    line["severity_number"] = SEVERITY[level];
    line["message"] = message;
    if (eventName !== undefined) line["event_name"] = eventName;
    for (const [name, value] of who) line[name] = value;
    if (hasScope) line["scope"] = subsystem;
    addSpan(line, context, hasSpans!);
    for (const [name, value] of thread) line[name] = value;
    for (const attribute in attributes) addField(line, attribute, attributes[attribute], nameOf);
    return line;
  };
}

function addSpan(line: Line, context: Context, hasSpans: boolean): void {
  const spanContext = trace.getSpanContext(context);
  if (spanContext === undefined || !isSpanContextValid(spanContext)) return;
  line["trace_id"] = spanContext.traceId;
  line["span_id"] = spanContext.spanId;
  line["trace_flags"] = spanContext.traceFlags;
  const spans = hasSpans ? spanNames(context, ancestorsOf) : [];
  if (spans.length > 0) line["spans"] = spans;
}

// oxlint-disable-next-line max-params -- called for each field of each record
function addField(line: Line, attribute: string, value: unknown, nameOf: (attribute: string) => string): void {
  const name = nameOf(attribute);
  // A field of the record itself is kept; the application's field gets another name.
  const free = RESERVED.has(name) ? `field.${name}` : name;
  line[free] = attribute === ATTR_REQUEST_DURATION && name !== attribute ? toMilliseconds(value) : value;
}
