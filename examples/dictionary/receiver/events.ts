import { readAttributes, type Attributes, type OtlpLogs } from "./otlp.ts";

/** A log record with an event name. */
export interface Event {
  readonly name: string;
  readonly traceId: string;
  readonly attributes: Attributes;
}

export function readEvents({ resourceLogs }: OtlpLogs): Event[] {
  const records = resourceLogs.flatMap(({ scopeLogs }) => scopeLogs).flatMap(({ logRecords }) => logRecords);
  return records.flatMap(({ eventName, traceId = "", attributes }) => {
    return eventName === undefined ? [] : { name: eventName, traceId, attributes: readAttributes(attributes) };
  });
}
